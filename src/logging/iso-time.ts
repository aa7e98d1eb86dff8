let last = 0;
let text = new Date(last).toISOString();

/** Returns the current time in ISO 8601 (UTC, to the millisecond). It is cached: a busy server logs many lines per millisecond. */
export function isoTime(): string {
  const now = Date.now();
  if (now !== last) [last, text] = [now, new Date(now).toISOString()];
  return text;
}
