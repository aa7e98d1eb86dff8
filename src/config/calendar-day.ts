/** Tells whether a text is a day of the calendar in the form `2026-11-28`. `Date` alone would take 30 February for 2 March. */
export function isCalendarDay(text: string): boolean {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : Number.NaN);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Tells whether a text is a day of the calendar since 1970 in the form `2026-11-28`. */
export function isDay(text: string): boolean {
  return isCalendarDay(text) && text >= '1970-01-01';
}
