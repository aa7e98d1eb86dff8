/** The lifetimes of a new token that the form offers: days and label. */
export const LIVES = [
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
  ['never', 'Never'],
] as const;
export type Life = (typeof LIVES)[number][0];

const DAY_MS = 86_400_000;
/** The time before a token's expiry from which the page warns, in milliseconds. */
const WARNED_MS = 7 * DAY_MS;

export function daysOf(life: Life): number | null {
  return life === 'never' ? null : Number(life);
}

export function isOver(expiresAt: string | null, now = Date.now()): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now;
}

/** Whether a token has not expired yet, but expires within seven days. */
export function expiresSoon(expiresAt: string | null, now = Date.now()): boolean {
  return !isOver(expiresAt, now) && isOver(expiresAt, now + WARNED_MS);
}

/** What to say of a token that has expired, or soon will; undefined while there is nothing to say. */
export function expiryInWords(expiresAt: string | null, now = Date.now()): string | undefined {
  if (isOver(expiresAt, now)) return 'Expired: agents that use it are refused.';
  if (expiresAt === null || !expiresSoon(expiresAt, now)) return undefined;
  const days = Math.floor((Date.parse(expiresAt) - now) / DAY_MS);
  const when = days === 0 ? 'within a day' : days === 1 ? 'in a day' : `in ${days} days`;
  return `Expires ${when}. Create another one, and give it to whatever uses this one.`;
}
