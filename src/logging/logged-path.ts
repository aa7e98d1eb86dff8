import { CREDENTIAL_PREFIXES } from '../config/credential-shapes';

const MAX_LENGTH = 512;

/** Matches a percent sign that is itself encoded up to eight times (`%25` is `%`); the bound keeps matching fast. */
const PERCENT = '%(?:25){0,8}';

/** Matches unencoded credentials: the fast case, since most paths contain no `%`. */
const PLAIN = credentials((character) => sameAs(character).join('|'), '(?<![a-z0-9])');

/**
 * Matches credentials with any of their characters percent-encoded. A word may follow a letter or digit only if that is the end
 * of a percent-encoded character.
 */
const ENCODED = credentials((character) => {
  const codes = sameAs(character).map((one) => one.charCodeAt(0).toString(16));
  return [...sameAs(character), `${PERCENT}(?:${codes.join('|')})`].join('|');
}, `(?:(?<![a-z0-9])|(?<=${PERCENT}[0-9a-f]{2}))`);

/**
 * Returns a request's path for the log: without its query, and at most 512 characters of it. From anything that looks like a
 * credential, percent-encoded or not, the rest of the segment is redacted: people do paste keys into the wrong place.
 */
export function loggedPath(target: string): string {
  const path = (target.split(/[?#]/, 1)[0] ?? '').slice(0, MAX_LENGTH);
  return path.replace(path.includes('%') ? ENCODED : PLAIN, (...[, ...found]: unknown[]) => {
    const which = found.findIndex((prefix) => typeof prefix === 'string');
    return `${CREDENTIAL_PREFIXES[which]?.prefix ?? ''}[redacted]`;
  });
}

/** Builds a pattern with a group for each credential prefix, followed by the rest of the path segment. */
function credentials(spelled: (character: string) => string, atWord: string): RegExp {
  const prefixes = CREDENTIAL_PREFIXES.map(({ prefix, countsWithinWords }) => {
    const letters = [...prefix].map((character) => `(?:${spelled(character)})`).join('');
    return `(${countsWithinWords ? '' : atWord}${letters})`;
  });
  return new RegExp(`(?:${prefixes.join('|')})[^/]*`, 'gi');
}

/** Returns the characters that count as equal: a letter in either case, and `_` and `-`. */
function sameAs(character: string): string[] {
  return '_-'.includes(character) ? ['_', '-'] : [character.toLowerCase(), character.toUpperCase()];
}
