import { CREDENTIAL_PREFIXES } from '../config/credential-shapes';

const MAX_LENGTH = 512;

/** `%25` is `%`: what is encoded twice is encoded all the same. Bounded, so that no path takes long to look through. */
const PERCENT = '%(?:25){0,8}';

/** Most paths have no `%`, and every request has a path. */
const PLAIN = credentials((character) => sameAs(character).join('|'), '(?<![a-z0-9])');

/** In front of a word stands no letter and no digit, unless that belongs to a percent-encoded character. */
const ENCODED = credentials((character) => {
  const codes = sameAs(character).map((one) => one.charCodeAt(0).toString(16));
  return [...sameAs(character), `${PERCENT}(?:${codes.join('|')})`].join('|');
}, `(?:(?<![a-z0-9])|(?<=${PERCENT}[0-9a-f]{2}))`);

/**
 * A request's path without its query, as the log has it. What looks like a credential is cut, percent-encoded or not, to
 * the end of its segment: people do paste a key into the wrong place.
 */
export function loggedPath(target: string): string {
  const path = (target.split(/[?#]/, 1)[0] ?? '').slice(0, MAX_LENGTH);
  return path.replace(path.includes('%') ? ENCODED : PLAIN, (...[, ...found]: unknown[]) => {
    const which = found.findIndex((prefix) => typeof prefix === 'string');
    return `${CREDENTIAL_PREFIXES[which]?.prefix ?? ''}[redacted]`;
  });
}

/** Each prefix of the table as a group, and what follows. */
function credentials(spelled: (character: string) => string, atWord: string): RegExp {
  const prefixes = CREDENTIAL_PREFIXES.map(({ prefix, countsWithinWords }) => {
    const letters = [...prefix].map((character) => `(?:${spelled(character)})`).join('');
    return `(${countsWithinWords ? '' : atWord}${letters})`;
  });
  return new RegExp(`(?:${prefixes.join('|')})[^/]*`, 'gi');
}

/** In either case; of the two that separate words, either. */
function sameAs(character: string): string[] {
  return '_-'.includes(character) ? ['_', '-'] : [character.toLowerCase(), character.toUpperCase()];
}
