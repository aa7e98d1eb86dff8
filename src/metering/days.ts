const DAY_MS = 86_400_000;

/** The length of the longest period that is asked for at once, in days. */
export const MAX_DAYS = 400;

/** Returns the number of days from one day to another, both included. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

/** Returns the day that lies some days after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Returns the day in a time zone. */
export function today(timeZone: string, now = new Date()): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(now);
}

/**
 * Tells whether a text names a time zone, as `UTC` or `Europe/Berlin`. Offsets and abbreviations such as `CET` do not:
 * PostgreSQL and JavaScript mean different things by them.
 */
export function isTimeZone(text: string): boolean {
  if (text === 'UTC') return true;
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)+$/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Tells whether a time zone is a whole number of hours from UTC on all days of a period, so that sums by the hour fit it. */
export function hasWholeHours(timeZone: string, from: string, to: string): boolean {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const isWhole = (day: string): boolean => {
    const offset =
      format.formatToParts(Date.parse(day)).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return !/:(?!00)/.test(offset);
  };
  // The first day may begin on the day before in UTC.
  for (let day = dayAfter(from, -1); day <= dayAfter(to, 1); day = dayAfter(day, 1))
    if (!isWhole(day)) return false;
  return true;
}
