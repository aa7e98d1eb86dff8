import { isIP } from 'node:net';
import { databaseUrlError, isDecodable } from './database-url';
import { hostNameOf } from './host-name';

/** How the text of a variable is checked and read. No message holds the text: it may be a secret. */
export interface Rule<T> {
  /** The texts that are allowed, in words, for docs/configuration.md. */
  readonly takes: string;
  /** What is wrong with a text, in words that stand behind the variable's name; undefined when nothing is wrong. */
  problemOf(text: string, variable: string): string | undefined;
  /** The value of a text; of one with a fault something that is never used but in a comparison with another variable. */
  read(text: string): T;
}

/** A rule for a variable whose value is the text itself. */
function textRule(takes: string, message: string, isValid: (text: string) => boolean): Rule<string> {
  return { takes, problemOf: (text) => (isValid(text) ? undefined : message), read: (text) => text };
}

export const anyPath: Rule<string> = textRule('a path', '', () => true);

/** One of a few words. */
export function oneOf<T extends string>(words: readonly T[]): Rule<T> {
  return {
    takes: words.map((word) => `\`${word}\``).join(', '),
    problemOf: (text) =>
      (words as readonly string[]).includes(text) ? undefined : `must be one of ${words.join(', ')}`,
    read: (text) => text as T,
  };
}

/** The range of a number, what it counts, and what 0 stands for where that is not plain. */
interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
  readonly zero?: string;
}

/** A whole number in decimal digits: `Number()` would take '0x10', '1e3' and ' ' as well. */
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

/** Standard base64, padding included: the decoder alone would skip over any character it doesn't know. */
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

/** Whether only this machine can reach what listens there. A name other than `localhost` can be anything. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Which parts of a URL make sense for a variable; one that would be ignored is a fault. */
interface UrlParts {
  readonly path: boolean;
  readonly credentials?: boolean;
}

/** An absolute URL of HTTP, and with no more than the parts. */
export function httpUrl({ path, credentials = false }: UrlParts): Rule<string> {
  const refused = [!credentials && 'user name', !path && 'path', 'query', 'fragment']
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
      !text.includes('?')
    );
  };
  return textRule(
    `an \`http://\` or \`https://\` URL without ${refused}`,
    `must be a URL that begins with http:// or https://, without ${refused}`,
    isValid,
  );
}

/** The URL of a PostgreSQL database; the message says which part is wrong. */
export const databaseUrl: Rule<string> = {
  takes: 'a `postgres://` or `postgresql://` URL',
  problemOf: databaseUrlError,
  read: (text) => text,
};

/** What conda exports as HOST: the machine that its compilers build for. */
const TARGET_TRIPLE =
  /^(x86_64|i\d86|aarch64|arm\w*|powerpc\w*|ppc\w*|s390x|riscv\w*)-\w+-(darwin|linux|mingw)[\w.-]*$/;

/** A host name or an IP address to listen on; what has only digits and dots is meant to be an address. */
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

/** `a.example.com` or `*.example.com`, which stands for every name below it; in the form of hostNameOf(). */
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
