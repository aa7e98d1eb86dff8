const FIRST = 12;
const LAST = 4;
/** Characters that stay hidden at least. */
const MIN_HIDDEN = 8;
/** What every Anthropic key begins with, and so says nothing about one. */
const PREFIX = 'sk-ant-';

/**
 * The ends of a key, by which its owner tells it from another in the provider's console: its first twelve characters, which
 * say of what kind it is, and its last four. Of a key that is too short for that, only what all keys begin with.
 */
export function fingerprintOf(key: string): string {
  if (key.length < FIRST + MIN_HIDDEN + LAST) return `${PREFIX}…`;
  return `${key.slice(0, FIRST)}…${key.slice(-LAST)}`;
}
