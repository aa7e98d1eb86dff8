import { Column, Goal, Measure } from './measures';
import { layOut, number, Rounds } from './report';
import { Measured } from './rounds';
import { median } from './statistics';
import { read, Target } from './targets';

/** A part of the product whose cost is measured. */
type Part = 'meter' | 'content';

/** What a measure found for a TraceVault and the same without a part of it. */
interface PartRounds {
  readonly measure: Measure;
  readonly withPart: Rounds;
  readonly without: Rounds;
}

/** The names of two targets: a TraceVault, and the same without a part of it. */
interface Compared {
  readonly name: string;
  readonly without: string;
}

/**
 * Formats what a part changes as a Markdown table. Ratio and difference are medians of those within a round, so that a
 * machine that slows down slows both; behind the ratio is its range over the rounds.
 */
export function partTable(part: Part, name: string, results: readonly PartRounds[]): string {
  const rows = results.flatMap(({ measure, withPart, without }) =>
    measure.columns.flatMap((column, index) => {
      const goal = column[part];
      if (goal === undefined) return [];
      return [row(`${measure.title}: ${column.title}`, column, goal, pairs(index, withPart, without))];
    }),
  );
  const head = ['', 'without', 'with', 'ratio', 'difference', 'goal'];
  return [`### The ${part}: ${name}`, '', ...layOut([head, ...rows]), ''].join('\n');
}

/** A value with the part and the one without it, of the same round. */
type Pair = readonly [withPart: number, without: number];

function pairs(index: number, withPart: Rounds, without: Rounds): Pair[] {
  return withPart.rounds.map((round, at) => [round[index] ?? NaN, without.rounds[at]?.[index] ?? NaN]);
}

function row(title: string, { digits }: Column, goal: Goal, found: readonly Pair[]): string[] {
  const ratios = found.map(([more, less]) => more / less);
  const ratio = median(ratios);
  const difference = median(found.map(([more, less]) => more - less));
  const range = `${number(Math.min(...ratios), 2)} to ${number(Math.max(...ratios), 2)}`;
  return [
    title,
    number(median(found.map(([, less]) => less)), digits),
    number(median(found.map(([more]) => more)), digits),
    found.length > 1 ? `${number(ratio, 2)} (${range})` : number(ratio, 2),
    `${difference > 0 ? '+' : ''}${number(difference, digits)}`,
    verdict(goal, ratio, difference, digits),
  ];
}

function verdict({ maxRatio, maxDifference }: Goal, ratio: number, more: number, digits: number): string {
  if (maxRatio !== undefined) return `at most ${number(maxRatio, 2)}: ${ratio <= maxRatio ? 'yes' : 'no'}`;
  if (maxDifference === undefined) return '';
  return `at most +${number(maxDifference, digits)}: ${more <= maxDifference ? 'yes' : 'no'}`;
}

/** Prints what a part changes, if it was measured with and without. */
export function tellOf(
  part: Part,
  measured: readonly Measured[],
  { name, without: lacking }: Compared,
): void {
  const found = measured.flatMap(({ measure, results }): PartRounds[] => {
    const withPart = results.find((result) => result.name === name);
    const without = results.find((result) => result.name === lacking);
    return withPart === undefined || without === undefined ? [] : [{ measure, withPart, without }];
  });
  if (found.length > 0) console.log(partTable(part, name, found));
}

/** Prints what a TraceVault's ledger holds: that a meter has read what it was measured with, or that there is none. */
export async function tellOfLedger({ name, session }: Target): Promise<void> {
  if (session === undefined) return;
  const usage = await read<{ total: Record<string, number | string> }>(session, '/api/v1/me/usage');
  if (usage === undefined) return; // a build from before the meter
  const { total } = usage;
  const counts = [
    'calls',
    'output_tokens',
    'cost_usd',
    'estimated_calls',
    'unreadable_calls',
    'unpriced_calls',
  ];
  console.log(`Ledger of ${name}: ${counts.map((count) => `${count} ${total[count]}`).join(', ')}`);
}
