import { Config, LOG_LEVELS, REGISTRATIONS } from './config';
import {
  anyPath,
  databaseUrl,
  hostPatternList,
  httpUrl,
  listenHost,
  masterKey,
  masterKeyList,
  oneOf,
  Rule,
  webhookSecret,
  wholeNumber,
} from './env-rules';
import { OTLP_VARIABLES } from './otlp-variables';
import { TRACE_STORE_VARIABLES } from './trace-store-variables';
import { trustProxy } from './trust-proxy';

/**
 * The processes that use a variable. `server` is each process that serves requests; `primary` is the only process of a
 * server without workers, or the one that supervises the workers; `operator` stands for the commands of tracevault-server
 * and the migration scripts.
 */
type Process = 'server' | 'primary' | 'operator';

/** A variable: the rule for its text, its default value, and its description in docs/configuration.md. */
export interface Variable<T> {
  readonly rule: Rule<T>;
  readonly value: T;
  /** A description of the default, where it is not a fixed value. */
  readonly byDefault?: string;
  readonly usedBy: readonly Process[];
  /** The description: full sentences in Markdown, with links relative to docs/. */
  readonly about: string;
}

const PORT = wholeNumber({ min: 1, max: 65_535 });
const MAXIMUM = wholeNumber({ min: 0, max: 1_000_000, zero: 'no limit' });

/** Defines a variable with a fixed default. */
const set = <T>(usedBy: Process[], rule: Rule<T>, value: T, about: string): Variable<T> => ({
  rule,
  value,
  usedBy,
  about,
});

/**
 * Defines a variable without a fixed default: when it is unset, a feature is off or its value is derived, as `byDefault`
 * says.
 */
function optional<T>(
  usedBy: Process[],
  rule: Rule<T>,
  byDefault: string,
  about: string,
): Variable<T | undefined> {
  return { rule, value: undefined, byDefault, usedBy, about };
}

/**
 * Every variable that the server reads, in the order of docs/configuration.md, which `npm run docs:config` writes from
 * this table. Any other TRACEVAULT_ variable is an error, so that a typo is not ignored.
 */
export const VARIABLES = {
  HOST: set(
    ['server'],
    listenHost,
    '127.0.0.1',
    'Where to listen. `0.0.0.0` or `::` listens on every address.',
  ),
  PORT: set(['server'], PORT, 3000, 'The port of the pages, the API and the proxy.'),
  TRACEVAULT_PUBLIC_URL: optional(
    ['server'],
    httpUrl({ path: false }),
    '`http://HOST:PORT`',
    'The URL that people and agents use. It is shown in messages, and never derived from a request; with `https://` the browser cookie is `Secure`. With `HOST` `0.0.0.0` or `::` the default says `localhost`.',
  ),
  TRACEVAULT_ALLOWED_HOSTS: optional(
    ['server'],
    hostPatternList,
    'none',
    'Other [names](operations.md#names) under which people open the pages and the API, such as `vault.lan` or `*.example.com`. `localhost`, IP addresses and the public URL’s name always count; under any other name the answer is 421.',
  ),
  TRUST_PROXY: set<Config['http']['trustProxy']>(
    ['server'],
    trustProxy,
    false,
    'Which [reverse proxies](operations.md#what-tracevault-has-to-know) may say who the client is (`X-Forwarded-For`): none, one (`true`), a number of them, or those with these IP addresses or networks, `loopback`, `linklocal`, `uniquelocal`.',
  ),
  TRACEVAULT_KEEP_ALIVE_SECONDS: set(
    ['server'],
    // The default is longer than the 60 s after which load balancers drop an idle connection: the server must never be the
    // first.
    wholeNumber({ min: 5, max: 7200, unit: 'seconds' }),
    75,
    'How long an idle connection is kept. It has to be longer than the reverse proxy keeps one.',
  ),
  TRACEVAULT_ANTHROPIC_UPSTREAM: optional(
    ['server'],
    httpUrl({ path: true }),
    '`https://api.anthropic.com`',
    'Another base URL to forward to; a path prefix is kept.',
  ),
  TRACEVAULT_PROVIDERS: optional(
    ['server', 'operator'],
    anyPath,
    'none',
    'A JSON file with [providers of your own](proxy.md#providers-of-your-own), and with changes to the built-in ones. It is read at the start, and every error in it is named.',
  ),
  TRACEVAULT_PRICES: optional(
    ['server', 'operator'],
    anyPath,
    'none',
    'A JSON file with [prices and discounts of your own](metering.md#prices-of-your-own). It is read at the start and at [SIGHUP](operations.md#reading-the-prices-again), and every error in it is named.',
  ),
  TRACEVAULT_OUTBOUND_PROXY: optional(
    ['server'],
    httpUrl({ path: false, credentials: true }),
    'none',
    'An HTTP proxy through which upstream connections tunnel (`CONNECT`). User name and password may stand in it.',
  ),
  TRACEVAULT_WEBSOCKETS: set(
    ['server'],
    oneOf(['on', 'off']),
    'off',
    'Whether [WebSockets](proxy.md#upgrades-and-websockets) are forwarded to OpenAI and your own providers of its dialect. `off` answers every upgrade with 426, on which clients use HTTP.',
  ),
  TRACEVAULT_LIMITS_WHEN_UNSURE: set(
    ['server'],
    oneOf<'admit' | 'refuse'>(['admit', 'refuse']),
    'admit' as const,
    'What happens to calls near a [limit](limits.md) while the database can’t be asked: they pass and count later, or they are refused.',
  ),
  TRACEVAULT_ALERT_WEBHOOK: optional(
    ['server'],
    httpUrl({ path: true, query: true }),
    'none',
    'The URL that is [told](limits.md#the-webhook) when 75, 95 and 100 % of a spend limit are spent.',
  ),
  TRACEVAULT_ALERT_WEBHOOK_SECRET: optional(
    ['server'],
    webhookSecret,
    'none',
    'What its messages are signed with (`echo "whsec_$(openssl rand -base64 32)"`). Required with `TRACEVAULT_ALERT_WEBHOOK`.',
  ),
  DATABASE_URL: optional(
    ['server', 'operator'],
    databaseUrl,
    'the embedded database',
    'The PostgreSQL [database](operations.md#with-postgresql) to use.',
  ),
  TRACEVAULT_DATA_DIR: set(
    ['server', 'operator'],
    anyPath,
    'data',
    'The [directory](operations.md#the-data-directory) of the embedded database and of the spool, relative to the working directory.',
  ),
  TRACEVAULT_ENCRYPTION_KEY: optional(
    ['server', 'operator'],
    masterKey,
    'created in the data directory',
    'The [master key](operations.md#master-keys) (`openssl rand -base64 32`). Required with `DATABASE_URL`.',
  ),
  TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: optional(
    ['server', 'operator'],
    masterKeyList,
    'none',
    'Older master keys. They decrypt; they never encrypt.',
  ),
  TRACEVAULT_WORKERS: set(
    ['primary'],
    wholeNumber({ min: 1, max: 64 }),
    1,
    'Processes that serve ([workers](operations.md#workers)). Above 1 only with `DATABASE_URL`.',
  ),
  TRACEVAULT_DRAIN_SECONDS: set(
    ['server', 'primary'],
    wholeNumber({ min: 0, max: 3600, unit: 'seconds' }),
    120,
    'How long open requests may run on [after SIGTERM](operations.md#stopping).',
  ),
  TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: set(
    ['server'],
    MAXIMUM,
    256,
    'How many proxy requests of one person may be open at once in a process; one more gets a 429. 0 is no limit.',
  ),
  TRACEVAULT_MAX_OPEN_REQUESTS: set(
    ['server'],
    MAXIMUM,
    0,
    'The same for everybody together. 0 is no limit.',
  ),
  TRACEVAULT_MAX_CONNECTIONS: set(
    ['server'],
    MAXIMUM,
    10_000,
    'How many [connections](operations.md#connections-and-slow-bodies) may be open at once in a process; one more gets a 503. 0 is no limit.',
  ),
  TRACEVAULT_REGISTRATION: optional(
    ['server'],
    oneOf(REGISTRATIONS),
    '`open` on the loopback, else `invite`',
    'Who may [sign up](operations.md#who-may-join-and-who-must-leave): anybody, whoever has an invite, or nobody. The first person always may.',
  ),
  TRACEVAULT_AUDIT_RETENTION_DAYS: set(
    ['server'],
    wholeNumber({ min: 0, max: 36_500, unit: 'days', zero: 'forever' }),
    365,
    'How long the [audit trail](operations.md#audit-trail) is kept. 0 keeps it forever.',
  ),
  TRACEVAULT_LEDGER_RETENTION_DAYS: set(
    ['server'],
    wholeNumber({ min: 0, max: 36_500, unit: 'days', zero: 'forever' }),
    0,
    'How long the [ledger](metering.md#the-ledger) keeps each call; its sums stay. Whole months are dropped. 0 keeps them forever.',
  ),
  TRACEVAULT_TRACE_RETENTION_DAYS: set(
    ['server'],
    wholeNumber({ min: 0, max: 36_500, unit: 'days', zero: 'forever' }),
    30,
    'How long the [content](traces.md#content) of an agent’s session is kept after its last call, where its person has turned that on. 0 keeps it forever.',
  ),
  ...TRACE_STORE_VARIABLES,
  TRACEVAULT_SPOOL_MB: set(
    ['server'],
    wholeNumber({ min: 1, max: 1_000_000, unit: 'MiB' }),
    256,
    'The maximum size of the [spool](metering.md#the-ledger), where calls wait while the database takes nothing, and of what waits beside it of [content](traces.md#content).',
  ),
  LOG_LEVEL: set(
    ['server', 'primary'],
    oneOf(LOG_LEVELS),
    'info',
    'The least level of the [log](operations.md#logs). Request lines are `info`; the ready line is always printed.',
  ),
  TRACEVAULT_METRICS_PORT: optional(
    ['primary'],
    PORT,
    'none',
    'Serves [metrics](operations.md#metrics) for Prometheus on this port, without a token. It has to differ from `PORT`.',
  ),
  TRACEVAULT_METRICS_HOST: set(
    ['primary'],
    listenHost,
    '127.0.0.1',
    'Where the port of the metrics listens.',
  ),
  ...OTLP_VARIABLES,
};

/** The values of all variables. */
export type Environment = {
  readonly [Name in keyof typeof VARIABLES]: (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never;
};

/**
 * The variable that only the tracevault command reads. The server tolerates it, because it may be set in the shell that
 * starts the server.
 */
export const COMMANDS_OWN = 'TRACEVAULT_SERVER';

/** The variable from which agents take their token, as the lines for them name it; it may be set where a server starts. */
export const AGENTS_OWN = 'TRACEVAULT_TOKEN';
