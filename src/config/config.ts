import { KeyObject } from 'node:crypto';

/** What the environment says, validated and frozen; see env.ts for the variables behind each field. */
export interface Config {
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Express's `trust proxy`: false, a number of hops, or the trusted addresses. */
    readonly trustProxy: false | number | readonly string[];
    /** The URL that people and agents use, without a trailing slash. Never derived from a request. */
    readonly publicUrl: string;
    /** Names under which pages and API answer, beside `localhost` and addresses; `*.` stands for all names below. */
    readonly ownHosts: readonly string[];
  };
  readonly logLevel: LogLevel;
  readonly registration: Registration;
  /** How long the audit trail is kept; undefined forever. */
  readonly auditRetentionDays: number | undefined;
  /** Where metrics are served, apart from everything else; undefined for nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Processes that serve. 1 is this very process; more are forked, and this one supervises them. */
  readonly workers: number;
  readonly database: EmbeddedDatabase | PostgresDatabase;
  readonly encryption: {
    /** Undefined only with the embedded database, which then keeps its own key in the data directory. */
    readonly currentKey: KeyObject | undefined;
    readonly previousKeys: readonly KeyObject[];
  };
  readonly upstream: {
    /** By a provider's id, in place of its own origin. A path prefix is kept, without a trailing slash. */
    readonly baseUrls: Readonly<Record<string, string>>;
    /** For DNS, TCP and TLS together. Nothing else on the proxy's path is limited in time. */
    readonly connectTimeoutMs: number;
    /** An HTTP proxy that outbound connections tunnel through (CONNECT). */
    readonly outboundProxy: string | undefined;
  };
  /** How many proxy requests may be open at once in this process; undefined for no limit. */
  readonly maxOpenRequests: { readonly perUser: number | undefined; readonly inAll: number | undefined };
  /** How many connections may be open at once in this process; undefined for no maximum. */
  readonly maxConnections: number | undefined;
  /** How long a request's body may take to arrive, in milliseconds, but for the proxy's; no variable sets it. */
  readonly bodyMs: number;
  /** How long a provider may take to say whether it takes a key, in milliseconds; no variable sets it. */
  readonly keyCheckMs: number;
  /** How exact the last use of a key is in the database; no variable sets it. */
  readonly keyUseExactToMs: number;
  /** How long open streams may run on after SIGTERM. */
  readonly drainSeconds: number;
  /** How long a connection is kept on which nothing is asked. */
  readonly keepAliveSeconds: number;
  /** Off only in tests that would otherwise sign up faster than people do. */
  readonly rateLimits: boolean;
}

interface EmbeddedDatabase {
  readonly kind: 'embedded';
  /** Absolute path. */
  readonly dataDir: string;
}

interface PostgresDatabase {
  readonly kind: 'postgres';
  readonly url: string;
}

/** Who may create an account: anybody, who has an invite, or nobody. The very first person always may. */
export const REGISTRATIONS = ['open', 'invite', 'closed'] as const;
export type Registration = (typeof REGISTRATIONS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The injection token for the one Config. */
export const CONFIG = Symbol('CONFIG');
