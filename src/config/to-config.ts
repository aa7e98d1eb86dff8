import { createSecretKey, KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { Config } from './config';
import { deepFreeze } from './deep-freeze';
import { hostPattern, isLoopback } from './env-rules';
import { hostNameOf } from './host-name';
import { Environment } from './variables';

const CONNECT_TIMEOUT_MS = 10_000;
/** The time for a request's body to arrive. The API's bodies are at most 64 KB. */
const BODY_MS = 10_000;
const KEY_USE_EXACT_TO_MS = 60_000;

/** The time for connecting and for the whole response. It is short, because the user waits at a form. */
const KEY_CHECK_MS = 5_000;

/** Creates the configuration from the values of the variables. */
export function toConfig(env: Environment): Config {
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
    upstream: {
      baseUrls:
        env.TRACEVAULT_ANTHROPIC_UPSTREAM === undefined
          ? {}
          : { anthropic: withoutTrailingSlash(env.TRACEVAULT_ANTHROPIC_UPSTREAM) },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      outboundProxy: env.TRACEVAULT_OUTBOUND_PROXY,
    },
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
  });
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

function withoutTrailingSlash(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}
