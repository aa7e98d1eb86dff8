import 'reflect-metadata';
import { createSecretKey, KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min, validateSync } from 'class-validator';
import { StartError } from './start-error';
import { Config, LOG_LEVELS, LogLevel, Registration, REGISTRATIONS } from './config';
import { hostNameOf } from './host-name';
import {
  hostPattern,
  IsDatabaseUrl,
  IsHostPatternList,
  IsListenHost,
  IsMasterKey,
  IsMasterKeyList,
  IsTrustProxy,
  IsUrlOf,
  isLoopback,
  ToInteger,
  ToTrustProxy,
} from './env-rules';

const DEFAULT_UPSTREAM = 'https://api.anthropic.com';
const CONNECT_TIMEOUT_MS = 10_000;
/** The API's bodies are 64 KB at most. */
const BODY_MS = 10_000;
const KEY_USE_EXACT_TO_MS = 60_000;

/** Connecting and the whole answer together; somebody waits for it at a form. */
const KEY_CHECK_MS = 5_000;

/** Every variable that the server reads. A TRACEVAULT_ name that is not here is a fault: a typo must not be silent. */
class Environment {
  @IsListenHost()
  HOST = '127.0.0.1';

  @ToInteger()
  @IsInt({ message: 'must be a whole number from 1 to 65535' })
  @Min(1, { message: 'must be a whole number from 1 to 65535' })
  @Max(65_535, { message: 'must be a whole number from 1 to 65535' })
  PORT = 3000;

  @ToTrustProxy()
  @IsTrustProxy()
  TRUST_PROXY: Config['http']['trustProxy'] = false;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: LogLevel = 'info';

  @IsListenHost()
  TRACEVAULT_METRICS_HOST = '127.0.0.1';

  @IsOptional()
  @ToInteger()
  @IsInt({ message: 'must be a whole number from 1 to 65535' })
  @Min(1, { message: 'must be a whole number from 1 to 65535' })
  @Max(65_535, { message: 'must be a whole number from 1 to 65535' })
  TRACEVAULT_METRICS_PORT: number | undefined = undefined;

  @IsOptional()
  @IsDatabaseUrl()
  DATABASE_URL: string | undefined = undefined;

  TRACEVAULT_DATA_DIR = 'data';

  @ToInteger()
  @IsInt({ message: 'must be a whole number from 1 to 64' })
  @Min(1, { message: 'must be a whole number from 1 to 64' })
  @Max(64, { message: 'must be a whole number from 1 to 64' })
  TRACEVAULT_WORKERS = 1;

  @IsOptional()
  @IsMasterKey()
  TRACEVAULT_ENCRYPTION_KEY: string | undefined = undefined;

  @IsOptional()
  @IsMasterKeyList()
  TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: string | undefined = undefined;

  @IsOptional()
  @IsUrlOf(['http:', 'https:'], { path: false })
  TRACEVAULT_PUBLIC_URL: string | undefined = undefined;

  @IsOptional()
  @IsHostPatternList()
  TRACEVAULT_ALLOWED_HOSTS: string | undefined = undefined;

  @IsUrlOf(['http:', 'https:'], { path: true })
  TRACEVAULT_ANTHROPIC_UPSTREAM = DEFAULT_UPSTREAM;

  @IsOptional()
  @IsUrlOf(['http:', 'https:'], { path: false, credentials: true })
  TRACEVAULT_OUTBOUND_PROXY: string | undefined = undefined;

  @IsOptional()
  @IsIn(REGISTRATIONS, { message: `must be one of ${REGISTRATIONS.join(', ')}` })
  TRACEVAULT_REGISTRATION: Registration | undefined = undefined;

  @ToInteger()
  @IsInt({ message: 'must be a whole number of days from 0 to 36500; 0 is for ever' })
  @Min(0, { message: 'must be a whole number of days from 0 to 36500; 0 is for ever' })
  @Max(36_500, { message: 'must be a whole number of days from 0 to 36500; 0 is for ever' })
  TRACEVAULT_AUDIT_RETENTION_DAYS = 365;

  @ToInteger()
  @IsInt({ message: 'must be a whole number of seconds from 0 to 3600' })
  @Min(0, { message: 'must be a whole number of seconds from 0 to 3600' })
  @Max(3600, { message: 'must be a whole number of seconds from 0 to 3600' })
  TRACEVAULT_DRAIN_SECONDS = 120;

  /** By default longer than the 60 s after which load balancers drop an idle connection: we must never be the first. */
  @ToInteger()
  @IsInt({ message: 'must be a whole number of seconds from 5 to 7200' })
  @Min(5, { message: 'must be a whole number of seconds from 5 to 7200' })
  @Max(7200, { message: 'must be a whole number of seconds from 5 to 7200' })
  TRACEVAULT_KEEP_ALIVE_SECONDS = 75;

  @ToInteger()
  @IsInt({ message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  @Min(0, { message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  @Max(1_000_000, { message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER = 256;

  @ToInteger()
  @IsInt({ message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  @Min(0, { message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  @Max(1_000_000, { message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  TRACEVAULT_MAX_OPEN_REQUESTS = 0;

  @ToInteger()
  @IsInt({ message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  @Min(0, { message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  @Max(1_000_000, { message: 'must be a whole number from 0 to 1000000; 0 is no limit' })
  TRACEVAULT_MAX_CONNECTIONS = 10_000;
}

/** Whitespace, control characters, and format characters, such as a byte order mark. */
const UNSEEN = /[\s\p{Cc}\p{Cf}]/gu;
const NAMES: ReadonlySet<string> = new Set(Object.keys(new Environment()));

/** All that is wrong with the environment, by variable name. Holds no value: values can be secrets. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
  }
}

/**
 * Reads the variables once, at start. An empty variable counts as unset, as compose files write them.
 * @throws ConfigError with every fault together.
 */
export function loadConfig(variables: NodeJS.ProcessEnv): Config {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== '');
  const known = Object.fromEntries(
    set.filter(([name]) => NAMES.has(name)).map(([name, value]) => [name, value?.trim()]),
  );
  const env = plainToInstance(Environment, known, { exposeDefaultValues: true });
  const faults = [
    ...unseenCharacters(set.map(([name]) => name)),
    ...unknownNames(set.map(([name]) => name)),
    ...validationFaults(env),
    ...missingKey(env),
    ...metricsOnPublicPort(env),
    ...workersWithoutPostgres(env),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return deepFreeze(toConfig(env));
}

/** Left by an editor or by copying from a page; the variable would silently not count, and the server start without it. */
function unseenCharacters(names: string[]): string[] {
  return names.flatMap((name) => {
    const meant = name.replace(UNSEEN, '');
    if (meant === name || !NAMES.has(meant)) return [];
    const characters = (name.match(UNSEEN) ?? []).map(
      (one) => `U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}`,
    );
    return [
      `${meant} is set under a name with characters that can't be seen (${characters.join(', ')}), and so is not set; ` +
        'write the name again, and save the file as UTF-8 without a byte order mark',
    ];
  });
}

/** What only the tracevault command reads. It may stand in the environment of a shell that the server is started from. */
const COMMANDS_OWN = 'TRACEVAULT_SERVER';

function unknownNames(names: string[]): string[] {
  const all = [...NAMES].filter((name) => name.startsWith('TRACEVAULT_')).join(', ');
  return names
    .filter(
      (name) =>
        name.startsWith('TRACEVAULT_') && name !== COMMANDS_OWN && !NAMES.has(name.replace(UNSEEN, '')),
    )
    .map((name) => `${name} is not a variable of this server; the known ones are ${all}`);
}

function validationFaults(env: Environment): string[] {
  return validateSync(env, { stopAtFirstError: true }).map(
    ({ property, constraints }) => `${property} ${Object.values(constraints ?? {})[0] ?? 'is not valid'}`,
  );
}

function missingKey(env: Environment): string[] {
  if (env.DATABASE_URL === undefined || env.TRACEVAULT_ENCRYPTION_KEY !== undefined) return [];
  return [
    'TRACEVAULT_ENCRYPTION_KEY is required when DATABASE_URL is set; make one with `openssl rand -base64 32` and keep it safe',
  ];
}

/** They need no token, so they never share a port with what people reach. */
function metricsOnPublicPort({ PORT, TRACEVAULT_METRICS_PORT }: Environment): string[] {
  return PORT === TRACEVAULT_METRICS_PORT
    ? ['TRACEVAULT_METRICS_PORT must be another port than PORT: metrics need no token']
    : [];
}

function workersWithoutPostgres({ DATABASE_URL, TRACEVAULT_WORKERS }: Environment): string[] {
  return DATABASE_URL === undefined && TRACEVAULT_WORKERS > 1
    ? [
        'TRACEVAULT_WORKERS above 1 needs PostgreSQL (set DATABASE_URL): the embedded database belongs to one process',
      ]
    : [];
}

function toConfig(env: Environment): Config {
  const publicUrl = withoutTrailingSlash(env.TRACEVAULT_PUBLIC_URL ?? localUrl(env.HOST, env.PORT));
  return {
    http: {
      host: env.HOST,
      port: env.PORT,
      trustProxy: env.TRUST_PROXY,
      publicUrl,
      ownHosts: ownHosts(publicUrl, env),
    },
    logLevel: env.LOG_LEVEL,
    registration: env.TRACEVAULT_REGISTRATION ?? (isForThisMachine(env) ? 'open' : 'invite'),
    auditRetentionDays: env.TRACEVAULT_AUDIT_RETENTION_DAYS || undefined,
    metrics:
      env.TRACEVAULT_METRICS_PORT === undefined
        ? undefined
        : { host: env.TRACEVAULT_METRICS_HOST, port: env.TRACEVAULT_METRICS_PORT },
    workers: env.TRACEVAULT_WORKERS,
    database:
      env.DATABASE_URL === undefined
        ? { kind: 'embedded', dataDir: resolve(env.TRACEVAULT_DATA_DIR) }
        : { kind: 'postgres', url: env.DATABASE_URL },
    encryption: {
      currentKey:
        env.TRACEVAULT_ENCRYPTION_KEY === undefined ? undefined : masterKey(env.TRACEVAULT_ENCRYPTION_KEY),
      previousKeys: (env.TRACEVAULT_ENCRYPTION_KEY_PREVIOUS?.split(',') ?? []).map((key) =>
        masterKey(key.trim()),
      ),
    },
    upstream: {
      baseUrl: withoutTrailingSlash(env.TRACEVAULT_ANTHROPIC_UPSTREAM),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      outboundProxy: env.TRACEVAULT_OUTBOUND_PROXY,
    },
    drainSeconds: env.TRACEVAULT_DRAIN_SECONDS,
    keepAliveSeconds: env.TRACEVAULT_KEEP_ALIVE_SECONDS,
    maxOpenRequests: {
      perUser: env.TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER || undefined,
      inAll: env.TRACEVAULT_MAX_OPEN_REQUESTS || undefined,
    },
    maxConnections: env.TRACEVAULT_MAX_CONNECTIONS || undefined,
    bodyMs: BODY_MS,
    keyCheckMs: KEY_CHECK_MS,
    keyUseExactToMs: KEY_USE_EXACT_TO_MS,
    rateLimits: true,
  };
}

/** A KeyObject, and not the text, so that a config that gets printed by mistake shows no key. */
function masterKey(base64: string): KeyObject {
  return createSecretKey(Buffer.from(base64, 'base64'));
}

/** Who reaches such a server has the machine already. A reverse proxy in front, or an address for others, says otherwise. */
function isForThisMachine({ HOST, TRUST_PROXY, TRACEVAULT_PUBLIC_URL }: Environment): boolean {
  const address = TRACEVAULT_PUBLIC_URL === undefined ? HOST : new URL(TRACEVAULT_PUBLIC_URL).hostname;
  return isLoopback(HOST) && TRUST_PROXY === false && isLoopback(address.replace(/^\[|\]$/g, ''));
}

function localUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function ownHosts(publicUrl: string, { HOST, TRACEVAULT_ALLOWED_HOSTS }: Environment): string[] {
  const allowed = TRACEVAULT_ALLOWED_HOSTS?.split(',').map(hostPattern) ?? [];
  const names = [hostNameOf(new URL(publicUrl).host), hostNameOf(HOST), ...allowed];
  return [...new Set(names)].filter((name) => name !== undefined);
}

function withoutTrailingSlash(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !(child instanceof KeyObject))
      deepFreeze(child as object);
  }
  return Object.freeze(value);
}
