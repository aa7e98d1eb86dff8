import { createSecretKey, KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { withoutTrailingSlash } from './base-url';
import { Config } from './config';
import { deepFreeze } from './deep-freeze';
import { hostPattern, isLoopback } from './env-rules';
import { hostNameOf } from './host-name';
import { BUILT_IN_DIALECTS, OperatorProvider } from './operator-provider';
import { otlpOf } from './otlp';
import { PriceOverrides } from './price-row';
import { bucketOf } from './trace-store';
import { Environment } from './variables';

const CONNECT_TIMEOUT_MS = 10_000;
/** The time for a request's body to arrive. The API's bodies are at most 64 KB. */
const BODY_MS = 10_000;
const KEY_USE_EXACT_TO_MS = 60_000;

/** The time for connecting and for the whole response. It is short, because the user waits at a form. */
const KEY_CHECK_MS = 5_000;
const LEDGER_FLUSH_MS = 500;
const SEAL_MS = 60_000;
const MAX_WAITING_TRACE_BYTES = 256 * 1024 * 1024;

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
/** About a day in all. The first is longer than a try may take, so that none is repeated that is under way. */
const ALERT_RETRY_MS = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];

/** What the configuration takes from the operator's files. */
export interface ConfigFiles {
  readonly providers: readonly OperatorProvider[];
  readonly overrides: PriceOverrides;
}

/** Creates the configuration from the values of the variables, and from the files that they name. */
export function toConfig(env: Environment, { providers, overrides }: ConfigFiles): Config {
  const publicUrl = withoutTrailingSlash(env.TRACEVAULT_PUBLIC_URL ?? localUrl(env.HOST, env.PORT));
  return deepFreeze<Config>({
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
    ledgerRetentionDays: env.TRACEVAULT_LEDGER_RETENTION_DAYS || undefined,
    ledgerFlushMs: LEDGER_FLUSH_MS,
    sealMs: SEAL_MS,
    traces: {
      retentionDays: env.TRACEVAULT_TRACE_RETENTION_DAYS || undefined,
      directory: resolve(env.TRACEVAULT_DATA_DIR, 'traces'),
      bucket: bucketOf(env),
      maxWaitingBytes: MAX_WAITING_TRACE_BYTES,
      spool: spoolOf(env),
    },
    spool: spoolOf(env),
    providers,
    prices: { file: env.TRACEVAULT_PRICES, overrides },
    upstream: {
      baseUrls: baseUrlsOf(env, providers),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      outboundProxy: env.TRACEVAULT_OUTBOUND_PROXY,
    },
    webSockets: env.TRACEVAULT_WEBSOCKETS === 'on',
    limitsWhenUnsure: env.TRACEVAULT_LIMITS_WHEN_UNSURE,
    alertWebhook: alertWebhook(env),
    otlp: otlpOf(env),
    drainSeconds: env.TRACEVAULT_DRAIN_SECONDS,
    keepAliveSeconds: env.TRACEVAULT_KEEP_ALIVE_SECONDS,
    maxOpenRequests: {
      perUser: env.TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER || undefined,
      total: env.TRACEVAULT_MAX_OPEN_REQUESTS || undefined,
    },
    maxConnections: env.TRACEVAULT_MAX_CONNECTIONS || undefined,
    bodyMs: BODY_MS,
    keyCheckMs: KEY_CHECK_MS,
    keyUseExactToMs: KEY_USE_EXACT_TO_MS,
    rateLimits: true,
    documentAtStart: true,
  });
}

/** Returns the base URLs of built-in providers that are not the providers' own; a variable overrides the file. */
function baseUrlsOf(
  { TRACEVAULT_ANTHROPIC_UPSTREAM }: Environment,
  providers: readonly OperatorProvider[],
): Record<string, string> {
  const fromFile = providers.flatMap(({ id, baseUrl }) =>
    BUILT_IN_DIALECTS.has(id) && baseUrl !== undefined ? [[id, baseUrl] as const] : [],
  );
  const anthropic = TRACEVAULT_ANTHROPIC_UPSTREAM;
  return {
    ...Object.fromEntries(fromFile),
    ...(anthropic !== undefined && { anthropic: withoutTrailingSlash(anthropic) }),
  };
}

function spoolOf(env: Environment): Config['spool'] {
  const directory = resolve(env.TRACEVAULT_DATA_DIR, 'spool');
  return { directory, maxBytes: env.TRACEVAULT_SPOOL_MB * 1024 * 1024 };
}

function alertWebhook({
  TRACEVAULT_ALERT_WEBHOOK: url,
  TRACEVAULT_ALERT_WEBHOOK_SECRET: secret,
}: Environment): Config['alertWebhook'] {
  if (url === undefined || secret === undefined) return undefined;
  return { url, secret: createSecretKey(secret), retryMs: ALERT_RETRY_MS };
}

/** Creates a KeyObject instead of a string, so that a config printed by mistake reveals no key. */
function masterKey(base64: string): KeyObject {
  return createSecretKey(Buffer.from(base64, 'base64'));
}

/**
 * Returns whether only users of this machine can reach the server. A reverse proxy, or a public URL on another address,
 * means that others can.
 */
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
