const RAW_CHARACTER =
  'has a character in its user name or password that has to be percent-encoded: # is %23, / is %2F, ? is %3F, % is %25';
const NO_URL = 'must be a URL that begins with postgres:// or postgresql://, without fragment';
const NO_HOST =
  'names no host: write postgres://user:password@host/database, or ?host=/directory for a Unix socket';

/**
 * What is wrong with the URL of a PostgreSQL database, as node-postgres takes it; without the value, which holds a password.
 * Unlike URLs of the web it may leave out the host when the query names one: a socket's directory.
 */
export function databaseUrlError(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^postgres(ql)?:\/\//.test(value)) return NO_URL;
  if (hasRawCharacter(value)) return RAW_CHARACTER;
  const url = parsed(value);
  if (url === undefined || value.includes('#')) return NO_URL;
  if (url.hostname === '' && !url.searchParams.get('host')) return NO_HOST;
  return undefined;
}

/** A raw `#`, `/` or `?` ends the part of the URL that holds the password; the `@` behind it then stands where none does. */
function hasRawCharacter(value: string): boolean {
  const [beforeQuery = '', ...query] = value.slice(value.indexOf('//') + 2).split('?');
  const path = /[/#].*$/s.exec(beforeQuery)?.[0] ?? '';
  const names = query
    .join('?')
    .split('&')
    .map((pair) => pair.split('=')[0] ?? '');
  return path.includes('@') || names.some((name) => name.includes('@')) || !isDecodable(beforeQuery);
}

/** With a name in the place of the host that is left out behind a user: `URL` knows no such URL. */
function parsed(value: string): URL | undefined {
  if (URL.canParse(value)) return new URL(value);
  const [start, end] = value.split('@/', 2);
  const named = `${start ?? ''}@socket/${end ?? ''}`;
  if (end === undefined || !URL.canParse(named)) return undefined;
  const url = new URL(named);
  return url.searchParams.get('host') ? url : new URL(`postgres:///${end}`);
}

/** A bad percent-encoding would only be found by whoever decodes the part, long after the start. */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
