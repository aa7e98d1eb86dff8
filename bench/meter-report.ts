import { Column, Measure, MeterGoal } from './measures';
import { layOut, number, Rounds } from './report';
import { Measured } from './rounds';
import { median } from './statistics';
import { Target } from './targets';

/** What a measure found for a TraceVault and the same without its meter. */
interface MeterRounds {
  readonly measure: Measure;
  readonly withMeter: Rounds;
  readonly without: Rounds;
}

/**
 * Formats what the meter changes as a Markdown table. Ratio and difference are medians of those within a round, so that a
 * machine that slows down slows both; behind the ratio is its range over the rounds.
 */
export function meterTable(name: string, results: readonly MeterRounds[]): string {
  const rows = results.flatMap(({ measure, withMeter, without }) =>
    measure.columns.flatMap((column, index) =>
      column.meter === undefined
        ? []
        : [row(`${measure.title}: ${column.title}`, column, column.meter, pairs(index, withMeter, without))],
    ),
  );
  const head = ['', 'without', 'with', 'ratio', 'difference', 'goal'];
  return [`### The meter: ${name}`, '', ...layOut([head, ...rows]), ''].join('\n');
}

/** A value with the meter and the one without it, of the same round. */
type Pair = readonly [withMeter: number, without: number];

function pairs(index: number, withMeter: Rounds, without: Rounds): Pair[] {
  return withMeter.rounds.map((round, at) => [round[index] ?? NaN, without.rounds[at]?.[index] ?? NaN]);
}

function row(title: string, { digits }: Column, goal: MeterGoal, found: readonly Pair[]): string[] {
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

function verdict(
  { maxRatio, maxDifference }: MeterGoal,
  ratio: number,
  more: number,
  digits: number,
): string {
  if (maxRatio !== undefined) return `at most ${number(maxRatio, 2)}: ${ratio <= maxRatio ? 'yes' : 'no'}`;
  if (maxDifference === undefined) return '';
  return `at most +${number(maxDifference, digits)}: ${more <= maxDifference ? 'yes' : 'no'}`;
}

/** Prints what the meter of an edition changes, if it was measured with and without. */
export function tellOfMeter(
  measured: readonly Measured[],
  { name, without: unmetered }: { readonly name: string; readonly without: string },
): void {
  const compared = measured.flatMap(({ measure, results }): MeterRounds[] => {
    const withMeter = results.find((result) => result.name === name);
    const without = results.find((result) => result.name === unmetered);
    return withMeter === undefined || without === undefined ? [] : [{ measure, withMeter, without }];
  });
  if (compared.length > 0) console.log(meterTable(name, compared));
}

/** Prints what a TraceVault's ledger holds: that a meter has read what it was measured with, or that there is none. */
export async function tellOfLedger({ name, session }: Target): Promise<void> {
  if (session === undefined) return;
  const headers = { authorization: `Bearer ${session.token}` };
  const response = await fetch(`${session.url}/api/v1/me/usage`, { headers });
  if (!response.ok) return; // a build from before the meter
  const { total } = (await response.json()) as { total: Record<string, number | string> };
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
