const FIRST = 12;
const LAST = 4;
/** Characters that stay hidden at least. */
const MIN_HIDDEN = 8;

/**
 * The ends of a key, by which its owner tells it from another in the provider's console: its first twelve characters, which
 * say of what kind it is, and its last four. Of a key that is too short for that, only what all keys begin with.
 * @param prefix what every key of its provider begins with, and so says nothing about one.
 */
export function fingerprintOf(key: string, prefix: string): string {
  if (key.length < FIRST + MIN_HIDDEN + LAST) return `${prefix}…`;
  return `${key.slice(0, FIRST)}…${key.slice(-LAST)}`;
}
