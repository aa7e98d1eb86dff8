/** One series of a chart: a value for each day. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** The number of series that have a colour of their own. */
const COLORED = 6;

/** Returns the largest series, the largest first, with the sum of all further ones as “Other”. */
export function largest(series: readonly Series[], most = COLORED): Series[] {
  const sorted = series.toSorted((a, b) => sum(b.values) - sum(a.values));
  const [first, rest] = [sorted.slice(0, most), sorted.slice(most)];
  const [one] = rest;
  if (one === undefined) return first;
  const other = one.values.map((_, day) => sum(rest.map(({ values }) => values[day] ?? 0)));
  return [...first, { name: 'Other', values: other }];
}

/** Returns the sum of all series for each day. */
export function totals(days: number, series: readonly Series[]): number[] {
  return Array.from({ length: days }, (_, day) => sum(series.map(({ values }) => values[day] ?? 0)));
}

/** Returns the values to mark on an axis: round ones, from 0 to at least `max`. */
export function ticks(max: number, about = 4): number[] {
  if (max <= 0) return [0];
  const rough = max / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const count = Math.ceil((max / step) * 0.999);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Returns the days to name on an axis: as many as have room, evenly apart, the last one always. */
export function labeledDays(days: number, room: number): number[] {
  const every = Math.max(1, Math.ceil(days / Math.max(1, room)));
  return Array.from({ length: days }, (_, day) => day).filter((day) => (days - 1 - day) % every === 0);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
