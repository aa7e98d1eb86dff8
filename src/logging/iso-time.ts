let last = 0;
let text = new Date(last).toISOString();

/** The time now, in ISO 8601, UTC, to the millisecond; a busy server asks many times in one. */
export function isoTime(): string {
  const now = Date.now();
  if (now !== last) [last, text] = [now, new Date(now).toISOString()];
  return text;
}
