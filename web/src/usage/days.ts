const DAY_MS = 86_400_000;

/** Returns the browser's time zone as the API takes it: it refuses abbreviations, which mean different things to different programs. */
export function browserZone(
  zone = new Intl.DateTimeFormat('en').resolvedOptions().timeZone as string | undefined,
): string {
  return zone?.includes('/') === true ? zone : 'UTC';
}

/** Returns the day in a time zone, as in 2026-11-28. */
export function dayOf(time: number | Date, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(time);
}

/** Returns the day that lies some days after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Returns all days from one to another, both included. */
export function daysBetween({ from, to }: { readonly from: string; readonly to: string }): string[] {
  const count = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1);
  return Array.from({ length: count }, (_, at) => dayAfter(from, at));
}
