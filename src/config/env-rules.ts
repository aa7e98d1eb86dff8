import { isIP } from 'node:net';
import { databaseUrlError, isDecodable } from './database-url';
import { hostNameOf } from './host-name';

/** A rule that validates and parses the text of a variable. No message quotes the text, because it may be a secret. */
export interface Rule<T> {
  /** The allowed texts, described for docs/configuration.md. */
  readonly takes: string;
  /** Returns what is wrong with a text, as words that follow the variable's name, or undefined for a valid text. */
  problemOf(text: string, variable: string): string | undefined;
  /** Parses a text. The value of an invalid text is only ever compared with other variables. */
  read(text: string): T;
}

/** Creates a rule for a variable whose value is the text itself. */
function textRule(takes: string, message: string, isValid: (text: string) => boolean): Rule<string> {
  return { takes, problemOf: (text) => (isValid(text) ? undefined : message), read: (text) => text };
}

export const anyPath: Rule<string> = textRule('a path', '', () => true);

/** Creates a rule for a variable that takes one of a few words. */
export function oneOf<T extends string>(words: readonly T[]): Rule<T> {
  return {
    takes: words.map((word) => `\`${word}\``).join(', '),
    problemOf: (text) =>
      (words as readonly string[]).includes(text) ? undefined : `must be one of ${words.join(', ')}`,
    read: (text) => text as T,
  };
}

/** The range of a number, its unit, and the meaning of 0 where it is a special one. */
interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
  readonly zero?: string;
}

/** Creates a rule for a whole number in decimal digits. `Number()` would accept '0x10', '1e3' and ' ' as well. */
export function wholeNumber({ min, max, unit, zero }: NumberRange): Rule<number> {
  const what = unit === undefined ? '' : ` of ${unit}`;
  const meaning = zero === undefined ? '' : `; 0 is ${zero}`;
  const message = `must be a whole number${what} from ${min} to ${max}${meaning}`;
  const read = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
  return {
    takes: `${min} to ${max}${unit === undefined ? '' : ` ${unit}`}`,
    problemOf: (text) => (read(text) >= min && read(text) <= max ? undefined : message),
    read,
  };
}

const MASTER_KEY_BYTES = 32;

/**
 * Returns whether a text is a master key in standard base64, padding included. The decoder alone would skip unknown
 * characters.
 */
function isMasterKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === MASTER_KEY_BYTES && bytes.toString('base64') === text;
}

export const masterKey: Rule<string> = textRule(
  'standard base64 of 32 bytes',
  'must be standard base64 of exactly 32 bytes; make one with `openssl rand -base64 32`',
  isMasterKey,
);

export const masterKeyList: Rule<string> = textRule(
  'such keys, comma-separated',
  'must be a comma-separated list of keys, each standard base64 of exactly 32 bytes',
  (text) => text.split(',').every((key) => isMasterKey(key.trim())),
);

/**
 * Returns whether only this machine can reach a server that listens on this host. A name other than `localhost` can
 * resolve to any address.
 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
/** The prefix of a webhook's secret, by the Standard Webhooks specification. */
const WEBHOOK_SECRET_PREFIX = 'whsec_';

/** The rule for the secret of a webhook, in the form of the Standard Webhooks specification. */
export const webhookSecret: Rule<Buffer> = {
  takes: '`whsec_` and standard base64 of 24 to 64 bytes',
  problemOf: (text) => {
    const bytes = webhookSecretBytes(text);
    const base64 = text.slice(WEBHOOK_SECRET_PREFIX.length);
    return text.startsWith(WEBHOOK_SECRET_PREFIX) &&
      bytes.toString('base64') === base64 &&
      bytes.length >= MIN_SECRET_BYTES &&
      bytes.length <= MAX_SECRET_BYTES
      ? undefined
      : 'must be whsec_ and standard base64 of 24 to 64 bytes; make one with `echo "whsec_$(openssl rand -base64 32)"`';
  },
  read: webhookSecretBytes,
};

function webhookSecretBytes(text: string): Buffer {
  return Buffer.from(text.slice(WEBHOOK_SECRET_PREFIX.length), 'base64');
}

/** The optional parts that the URL of a variable may have. A part that would be ignored is an error. */
interface UrlParts {
  readonly path: boolean;
  readonly query?: boolean;
  readonly credentials?: boolean;
}

/** Creates a rule for an absolute HTTP or HTTPS URL with no other parts than these. */
export function httpUrl({ path, query = false, credentials = false }: UrlParts): Rule<string> {
  const refused = [!credentials && 'user name', !path && 'path', !query && 'query', 'fragment']
    .filter(Boolean)
    .join(', ');
  const isValid = (text: string): boolean => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return (
      isDecodable(url.pathname + url.username + url.password) &&
      ['http:', 'https:'].includes(url.protocol) &&
      url.hostname !== '' &&
      !text.includes('#') &&
      (credentials || (url.username === '' && url.password === '')) &&
      (path || url.pathname === '/') &&
      (query || !text.includes('?'))
    );
  };
  return textRule(
    `an \`http://\` or \`https://\` URL without ${refused}`,
    `must be a URL that begins with http:// or https://, without ${refused}`,
    isValid,
  );
}

/** The rule for the URL of a PostgreSQL database. Its message says which part is wrong. */
export const databaseUrl: Rule<string> = {
  takes: 'a `postgres://` or `postgresql://` URL',
  problemOf: databaseUrlError,
  read: (text) => text,
};

/** The target triple of a compiler, which conda exports as HOST. */
const TARGET_TRIPLE =
  /^(x86_64|i\d86|aarch64|arm\w*|powerpc\w*|ppc\w*|s390x|riscv\w*)-\w+-(darwin|linux|mingw)[\w.-]*$/;

/** The rule for a host name or an IP address to listen on. A text of digits and dots has to be an IP address. */
export const listenHost: Rule<string> = {
  takes: 'a host name or an IP address',
  problemOf: (text, variable) => {
    if (TARGET_TRIPLE.test(text))
      return `looks like a compiler's target triple, as conda exports it; unset ${variable} or set it to 127.0.0.1`;
    const isValid = /^[\d.]+$|:/.test(text) ? isIP(text) !== 0 : /^[A-Za-z0-9._-]+$/.test(text);
    return isValid ? undefined : 'must be a host name or an IP address';
  },
  read: (text) => text,
};

/**
 * Parses `a.example.com` or `*.example.com`, which stands for every subdomain. Returns it in the form of hostNameOf(), or
 * undefined for an invalid text.
 */
export function hostPattern(text: string): string | undefined {
  const [, below = '', name = ''] = /^(\*\.)?([\w.-]+)$/.exec(text.trim()) ?? [];
  const known = hostNameOf(name);
  return known === undefined ? undefined : below + known;
}

export const hostPatternList: Rule<string> = textRule(
  'host names, comma-separated',
  'must be a comma-separated list of host names without scheme and port; *.example.com stands for all names below example.com',
  (text) => text.split(',').every((one) => hostPattern(one) !== undefined),
);
