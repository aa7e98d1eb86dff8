const RAW_CHARACTER =
  'has a character in its user name or password that has to be percent-encoded: # is %23, / is %2F, ? is %3F, % is %25';
const NO_URL = 'must be a URL that begins with postgres:// or postgresql://, without fragment';
const NO_HOST =
  'names no host: write postgres://user:password@host/database, or ?host=/directory for a Unix socket';

/**
 * Returns what is wrong with the URL of a PostgreSQL database for node-postgres, without quoting it, because it holds a
 * password. Unlike a web URL, it may omit the host when the query names one: the directory of a socket.
 * @returns undefined for a valid URL.
 */
export function databaseUrlError(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^postgres(ql)?:\/\//.test(value)) return NO_URL;
  if (hasRawCharacter(value)) return RAW_CHARACTER;
  const url = parsed(value);
  if (url === undefined || value.includes('#')) return NO_URL;
  if (url.hostname === '' && !url.searchParams.get('host')) return NO_HOST;
  return undefined;
}

/**
 * Returns whether the user name or password contains a raw `#`, `/` or `?`. It would end that part of the URL, and the `@`
 * would then appear in a later part.
 */
function hasRawCharacter(value: string): boolean {
  const [beforeQuery = '', ...query] = value.slice(value.indexOf('//') + 2).split('?');
  const path = /[/#].*$/s.exec(beforeQuery)?.[0] ?? '';
  const names = query
    .join('?')
    .split('&')
    .map((pair) => pair.split('=')[0] ?? '');
  return path.includes('@') || names.some((name) => name.includes('@')) || !isDecodable(beforeQuery);
}

/** Parses the URL. `URL` does not accept an omitted host after a user, so a placeholder is inserted. */
function parsed(value: string): URL | undefined {
  if (URL.canParse(value)) return new URL(value);
  const [start, end] = value.split('@/', 2);
  const named = `${start ?? ''}@socket/${end ?? ''}`;
  if (end === undefined || !URL.canParse(named)) return undefined;
  const url = new URL(named);
  return url.searchParams.get('host') ? url : new URL(`postgres:///${end}`);
}

/**
 * Returns whether a text has valid percent-encoding. Without the check, an error would occur only where the part is
 * decoded, long after the start.
 */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
