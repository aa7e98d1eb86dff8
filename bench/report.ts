import { Column, Measure } from './measures';
import { median, spread } from './statistics';

/** The results of one target: a list of values for each round. */
export interface Rounds {
  readonly name: string;
  readonly rounds: readonly (readonly number[])[];
}

/**
 * Formats a measure as a Markdown table. Each value is the median of the rounds, followed by half their range. It is compared
 * with the baseline's value of the same round, so that a machine that slows down affects both.
 * @param baselines the names of the targets to compare with, in the order of their columns; absent ones are skipped.
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

export function number(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Lays out a table whose first row is the head; the first column is left-aligned, the others right-aligned. */
export function layOut(rows: readonly (readonly string[])[]): string[] {
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
