/** How long a new token may last, as the form offers it. */
export const LIVES = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
  ['never', 'Until I end it'],
] as const;
export type Life = (typeof LIVES)[number][0];

const DAY_MS = 86_400_000;
/** From so long before its end on, the page says so. */
const WARNED_MS = 7 * DAY_MS;

export function daysOf(life: Life): number | null {
  return life === 'never' ? null : Number(life);
}

/** Whether a token that is not over yet will be within seven days. */
export function endsSoon(expiresAt: string | null, now = Date.now()): boolean {
  const left = expiresAt === null ? Infinity : Date.parse(expiresAt) - now;
  return left > 0 && left <= WARNED_MS;
}

/** What to say of a token that is over, or soon will be; undefined while there is nothing to say. */
export function endingInWords(expiresAt: string | null, now = Date.now()): string | undefined {
  if (expiresAt === null) return undefined;
  const left = Date.parse(expiresAt) - now;
  if (left > WARNED_MS) return undefined;
  if (left <= 0) return 'Expired: agents that use it are refused.';
  const days = Math.floor(left / DAY_MS);
  const when = days === 0 ? 'within a day' : days === 1 ? 'in a day' : `in ${days} days`;
  return `Ends ${when}. Make another one, and give it to whatever uses this one.`;
}
