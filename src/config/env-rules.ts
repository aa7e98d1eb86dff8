import { isIP } from 'node:net';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { databaseUrlFault, isDecodable } from './database-url';
import { hostNameOf } from './host-name';

/** Rules for variables that class-validator has no words for. No message holds the value: it may be a secret. */

const MASTER_KEY_BYTES = 32;

/** Standard base64, padding included: the decoder alone would skip over any character it doesn't know. */
function isMasterKey(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === MASTER_KEY_BYTES && bytes.toString('base64') === value;
}

export function IsMasterKey(): PropertyDecorator {
  return rule(
    'isMasterKey',
    'must be standard base64 of exactly 32 bytes; make one with `openssl rand -base64 32`',
    isMasterKey,
  );
}

export function IsMasterKeyList(): PropertyDecorator {
  return rule(
    'isMasterKeyList',
    'must be a comma-separated list of keys, each standard base64 of exactly 32 bytes',
    (value) => typeof value === 'string' && value.split(',').every((key) => isMasterKey(key.trim())),
  );
}

/** Whether only this machine can reach what listens there. A name other than `localhost` can be anything. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Which parts of a URL make sense for a variable; one that would be ignored is a fault. */
interface UrlParts {
  readonly path: boolean;
  readonly credentials?: boolean;
}

/** An absolute URL with one of the protocols, and with no more than the parts. */
export function IsUrlOf(protocols: string[], parts: UrlParts): PropertyDecorator {
  const { path, credentials = false } = parts;
  const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ');
  const refused = [!credentials && 'user name', !path && 'path', 'query', 'fragment'].filter(Boolean);
  return rule(
    'isUrlOf',
    `must be a URL that begins with ${schemes}, without ${refused.join(', ')}`,
    (value) => {
      if (typeof value !== 'string' || !URL.canParse(value)) return false;
      const url = new URL(value);
      return (
        isDecodable(url.pathname + url.username + url.password) &&
        protocols.includes(url.protocol) &&
        url.hostname !== '' &&
        !value.includes('#') &&
        (credentials || (url.username === '' && url.password === '')) &&
        (path || url.pathname === '/') &&
        !value.includes('?')
      );
    },
  );
}

/** The URL of a PostgreSQL database; the message says which part is wrong. */
export function IsDatabaseUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isDatabaseUrl',
    validator: {
      validate: (value) => databaseUrlFault(value) === undefined,
      defaultMessage: (args) => databaseUrlFault(args?.value) ?? '',
    },
  });
}

/** What conda exports as HOST: the machine that its compilers build for. */
const TARGET_TRIPLE =
  /^(x86_64|i\d86|aarch64|arm\w*|powerpc\w*|ppc\w*|s390x|riscv\w*)-\w+-(darwin|linux|mingw)[\w.-]*$/;

/** A host name or an IP address to listen on; what has only digits and dots is meant to be an address. */
export function IsListenHost(): PropertyDecorator {
  return ValidateBy({
    name: 'isListenHost',
    validator: {
      validate: isListenHost,
      defaultMessage: (args) =>
        typeof args?.value === 'string' && TARGET_TRIPLE.test(args.value)
          ? `looks like a compiler's target triple, as conda exports it; unset ${args.property} or set it to 127.0.0.1`
          : 'must be a host name or an IP address',
    },
  });
}

function isListenHost(value: unknown): boolean {
  if (typeof value !== 'string' || TARGET_TRIPLE.test(value)) return false;
  return /^[\d.]+$|:/.test(value) ? isIP(value) !== 0 : /^[A-Za-z0-9._-]+$/.test(value);
}

/** `a.example.com` or `*.example.com`, which stands for every name below it; in the form of hostNameOf(). */
export function hostPattern(text: string): string | undefined {
  const [, below = '', name = ''] = /^(\*\.)?([\w.-]+)$/.exec(text.trim()) ?? [];
  const known = hostNameOf(name);
  return known === undefined ? undefined : below + known;
}

export function IsHostPatternList(): PropertyDecorator {
  return rule(
    'isHostPatternList',
    'must be a comma-separated list of host names without scheme and port; *.example.com stands for all names below example.com',
    (value) => typeof value === 'string' && value.split(',').every((one) => hostPattern(one) !== undefined),
  );
}

/** `false`, a number of hops (`true` counts as one), or a list of addresses and networks, as Express takes them. */
export function ToTrustProxy(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (typeof value !== 'string') return value;
    if (value === 'false') return false;
    if (value === 'true') return 1;
    if (/^\d{1,2}$/.test(value)) return Number(value);
    return value.split(',').map((part) => part.trim());
  });
}

export function IsTrustProxy(): PropertyDecorator {
  return rule(
    'isTrustProxy',
    'must be false, true, a number of proxies, or a comma-separated list of IP addresses, networks (10.0.0.0/8), loopback, linklocal, uniquelocal',
    (value) =>
      value === false || typeof value === 'number' || (Array.isArray(value) && value.every(isNetwork)),
  );
}

function isNetwork(part: unknown): boolean {
  if (typeof part !== 'string') return false;
  if (['loopback', 'linklocal', 'uniquelocal'].includes(part)) return true;
  const [address = '', prefix, ...rest] = part.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}

/** Whole decimal numbers only: `Number()` would take '0x10', '1e3' and ' '. */
export function ToInteger(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? (/^\d{1,9}$/.test(value) ? Number(value) : Number.NaN) : value,
  );
}

function rule(name: string, message: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } });
}
