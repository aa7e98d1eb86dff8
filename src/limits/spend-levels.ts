/** The percentages of a spend limit at which people are warned and told; at the last one it is used up. */
export const SPEND_LEVELS = [75, 95, 100] as const;
export type SpendLevel = (typeof SPEND_LEVELS)[number];

/**
 * Returns the levels that have been reached, the lowest first. Only what was spent counts: what is reserved is given back for the
 * most part. A limit of 0 blocks from its beginning and has no levels.
 * @param amount the limit's amount in billionths of a US dollar, which has whole cents, so that a hundredth of it is exact.
 */
export function reachedLevels(spent: number, amount: number): SpendLevel[] {
  return amount === 0 ? [] : SPEND_LEVELS.filter((level) => spent >= (amount / 100) * level);
}
