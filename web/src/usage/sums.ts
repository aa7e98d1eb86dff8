import type { Series } from '../ui/chart';
import type { components } from '../api/schema';

export type Sums = components['schemas']['UsageSumsDto'];
type Group = components['schemas']['UsageGroupDto'];

/** What a chart and its figures are about. */
export const MEASURES = [
  ['cost', 'Cost'],
  ['tokens', 'Tokens'],
] as const;
export type Measure = (typeof MEASURES)[number][0];

/** Returns the number of all tokens that were read and written. */
export function tokensOf(sums: Omit<Sums, 'calls' | 'cost_usd' | CountOfUnsure>): number {
  return inputOf(sums) + sums.output_tokens;
}
type CountOfUnsure = 'estimated_calls' | 'unreadable_calls' | 'unpriced_calls';

/** Returns the number of all tokens that were read: uncached, from a cache, and into one. */
export function inputOf(
  sums: Pick<Sums, 'input_tokens' | 'cache_read_tokens' | 'cache_write_5m_tokens' | 'cache_write_1h_tokens'>,
): number {
  return sums.input_tokens + sums.cache_read_tokens + sums.cache_write_5m_tokens + sums.cache_write_1h_tokens;
}

/** Returns which part of the input came from a cache; null without any input. */
export function cacheHitRate(sums: Sums): number | null {
  const input = inputOf(sums);
  return input === 0 ? null : sums.cache_read_tokens / input;
}

/** Returns the cost; null if it is known of none of the calls that have one. */
export function costOf(sums: Sums): number | null {
  const cost = Number(sums.cost_usd);
  return cost === 0 && sums.unpriced_calls + sums.unreadable_calls > 0 ? null : cost;
}

/** Says which calls the cost does not contain, or contains as a floor; undefined if it is the cost of all. */
export function unsure(sums: Pick<Sums, CountOfUnsure>): string | undefined {
  const parts = [
    [sums.unpriced_calls, 'unpriced'],
    [sums.unreadable_calls, 'unreadable'],
    [sums.estimated_calls, 'estimated'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.length === 0 ? undefined : said.join(', ');
}

/**
 * Returns a chart's series: one for each name of a group, with a value for each day.
 * @param groups the sums by day and group. Groups of one name become one series.
 */
export function toSeries(
  groups: readonly Group[],
  days: readonly string[],
  nameOf: (key: Group['key']) => string,
  measure: Measure,
): Series[] {
  const at = new Map(days.map((day, index) => [day, index]));
  const byName = new Map<string, number[]>();
  for (const { key, ...sums } of groups) {
    const day = at.get(key.day ?? '');
    if (day === undefined) continue;
    const values = byName.get(nameOf(key)) ?? days.map(() => 0);
    values[day] = (values[day] ?? 0) + (measure === 'cost' ? Number(sums.cost_usd) : tokensOf(sums));
    byName.set(nameOf(key), values);
  }
  return [...byName].map(([name, values]) => ({ name, values }));
}
