const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The units of relative times, the largest first. */
const UNITS = [
  [365 * DAY, 'year'],
  [30 * DAY, 'month'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
] as const;

/** Returns how long ago a time is, or how soon it comes, as in “3 min. ago” and “in 5 days”. */
export function relativeTime(at: string, now = Date.now()): string {
  const distance = Date.parse(at) - now;
  const found = UNITS.find(([size]) => Math.abs(distance) >= size);
  if (found === undefined) return distance > 0 ? 'in a moment' : 'just now';
  const [size, unit] = found;
  const style = unit === 'day' ? 'long' : 'short';
  return new Intl.RelativeTimeFormat('en', { style }).format(Math.trunc(distance / size), unit);
}

/** Returns a time exactly: with its seconds and the zone, in the user's. */
export function exactTime(at: string, timeZone?: string): string {
  return new Intl.DateTimeFormat('en', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(timeZone !== undefined && { timeZone }),
  }).format(new Date(at));
}

const CLOCK = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** Returns a day and its time in the user's zone, to the second. */
export function dayAndTime(at: string): string {
  return CLOCK.format(new Date(at));
}

/** Returns the time until the text of a relative time changes, in milliseconds. */
export function changesIn(at: string, now = Date.now()): number {
  const age = Math.abs(Date.parse(at) - now);
  return age < HOUR ? MINUTE / 4 : HOUR / 4;
}
