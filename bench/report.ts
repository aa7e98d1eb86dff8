import { Column, Measure } from './measures';
import { median, spread } from './statistics';

/** Of one target: a list of numbers for each round. */
export interface Rounds {
  readonly name: string;
  readonly rounds: readonly (readonly number[])[];
}

/**
 * One measure as a table of Markdown. Each value is the median of the rounds, with half their range behind it; what it
 * is held against is taken in the same round, so that a machine that slows down slows both. Baselines are those of the
 * targets' names that are given, in that order, and absent ones are left out.
 */
export function table(measure: Measure, targets: readonly Rounds[], baselines: readonly string[]): string {
  const known = baselines
    .map((name) => targets.find((target) => target.name === name))
    .filter((target) => target !== undefined);
  const head = measure.columns.flatMap((column) => [
    column.title,
    ...(column.against === undefined ? [] : known.map(({ name }) => comparison(column, name))),
  ]);
  const rows = targets.map(({ name, rounds }) => [
    name,
    ...measure.columns.flatMap((column, index) => {
      const values = rounds.map((round) => round[index] ?? NaN);
      const compared = column.against === undefined ? [] : known;
      return [
        withSpread(values, column.digits),
        ...compared.map((baseline) => compare(column, values, baseline, index)),
      ];
    }),
  ]);
  return [`### ${measure.title}`, '', ...layOut([['', ...head], ...rows]), ''].join('\n');
}

function comparison({ against }: Column, baseline: string): string {
  return against === 'ratio' ? `of ${baseline}` : `over ${baseline}`;
}

function compare(column: Column, values: readonly number[], baseline: Rounds, index: number): string {
  const others = baseline.rounds.map((round) => round[index] ?? NaN);
  if (column.against === 'ratio')
    return number(median(values.map((value, round) => value / (others[round] ?? NaN))), 2);
  const difference = median(values.map((value, round) => value - (others[round] ?? NaN)));
  return (difference >= 0 ? '+' : '') + number(difference, column.digits);
}

function withSpread(values: readonly number[], digits: number): string {
  const middle = number(median(values), digits);
  return values.length === 1 || Number.isNaN(median(values))
    ? middle
    : `${middle} ±${number(spread(values) * 100, 0)} %`;
}

function number(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The first row is the head; the first column stands left, the others right. */
function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const cells = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  const rule = widths.map(
    (width, column) => '-'.repeat(column === 0 ? width : width - 1) + (column === 0 ? '' : ':'),
  );
  return [line(cells[0] ?? []), line(rule), ...cells.slice(1).map(line)];
}
