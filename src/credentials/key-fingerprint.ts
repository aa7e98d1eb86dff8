const FIRST = 12;
const LAST = 4;
/** The minimum number of characters that stay hidden. */
const MIN_HIDDEN = 8;

/**
 * Returns the fingerprint of a key, by which its owner recognizes it in the provider's console: the first twelve
 * characters, which include the kind of the key, and the last four. For a key too short for that, it is only the prefix.
 * @param prefix what every key of the provider begins with, which reveals nothing about a single key.
 */
export function fingerprintOf(key: string, prefix: string): string {
  if (key.length < FIRST + MIN_HIDDEN + LAST) return `${prefix}…`;
  return `${key.slice(0, FIRST)}…${key.slice(-LAST)}`;
}
