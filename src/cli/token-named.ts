import { CliError } from './cli-error';
import { sanitized } from './terminal';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** The minimum length of an id prefix, so that a short mistyped name does not match an id. */
const MIN_ID_PREFIX = 6;
/** The length of the ids in a list, where that is enough to distinguish them. */
const SHOWN_ID = 8;

/**
 * Finds a token by its name or id.
 * @param which the token's name, its id, or at least the first six characters of the id.
 * @throws CliError when no token matches, or more than one.
 */
export function tokenNamed<T extends Named>(tokens: readonly T[], which: string): T {
  const [id, name] = [which.toLowerCase(), which.normalize('NFKC')];
  const byId = tokens.find((token) => token.id === id);
  if (byId !== undefined) return byId;
  const found = tokens.filter(
    (token) =>
      token.name.normalize('NFKC') === name || (id.length >= MIN_ID_PREFIX && token.id.startsWith(id)),
  );
  const [token] = found;
  if (token === undefined)
    throw new CliError(
      'You have no such proxy token.',
      `To see them: tracevault proxy token list. Of an id the first ${MIN_ID_PREFIX} characters are enough.`,
    );
  if (found.length === 1) return token;
  const candidates = found.map((one) => `\n  ${sanitized(one.id)}  ${sanitized(one.name)}`).join('');
  throw new CliError(
    `${found.length} of your proxy tokens are meant by this.`,
    `Say which by its id:${candidates}`,
  );
}

/** Returns the length to which ids can be shortened and still be distinct, at least SHOWN_ID. */
export function shortIdLength(ids: readonly string[]): number {
  const longest = Math.max(SHOWN_ID, ...ids.map(({ length }) => length));
  for (let length = SHOWN_ID; length < longest; length++)
    if (new Set(ids.map((id) => id.slice(0, length))).size === ids.length) return length;
  return ids.length < 2 ? SHOWN_ID : longest;
}
