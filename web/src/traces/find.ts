/** A place in a text where something is found. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** The maximum number of places that are counted. */
export const MAX_PLACES = 1_000;

/** Returns the pattern that finds these very characters, in any case; undefined for none. */
export function patternOf(words: string): RegExp | undefined {
  return words === '' ? undefined : new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
}

/** Returns where a pattern is in a text, one behind the other. @param maximum the maximum number of places. */
export function placesIn(text: string, pattern: RegExp, maximum: number): Place[] {
  const places: Place[] = [];
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (places.length >= maximum) break;
    places.push({ start: index, end: index + found.length });
  }
  return places;
}
