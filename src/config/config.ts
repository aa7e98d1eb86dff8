import { KeyObject } from 'node:crypto';
import { OperatorProvider } from './operator-provider';
import { PriceOverrides } from './price-row';

/** The validated and frozen configuration from the environment. See variables.ts for the variables behind each field. */
export interface Config {
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Express's `trust proxy`: false, a number of hops, or the trusted addresses. */
    readonly trustProxy: false | number | readonly string[];
    /** The URL that users and agents use, without a trailing slash. It is never derived from a request. */
    readonly publicUrl: string;
    /** The host names of the pages and the API, in addition to `localhost` and IP addresses; `*.` stands for all subdomains. */
    readonly ownHosts: readonly string[];
  };
  readonly logLevel: LogLevel;
  readonly registration: Registration;
  /** How many days the audit trail is kept; undefined for forever. */
  readonly auditRetentionDays: number | undefined;
  /** The address of the metrics, on a port of their own; undefined when they are off. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /**
   * The number of processes that serve requests. With 1 this process serves them; with more it forks workers and
   * supervises them.
   */
  readonly workers: number;
  readonly database: EmbeddedDatabase | PostgresDatabase;
  readonly encryption: {
    /**
     * The master key that encrypts. Undefined only with the embedded database, which then keeps its own key in the data
     * directory.
     */
    readonly currentKey: KeyObject | undefined;
    readonly previousKeys: readonly KeyObject[];
  };
  /** How many days the ledger keeps each call; undefined for forever. */
  readonly ledgerRetentionDays: number | undefined;
  /** How long a finished call waits for others before it is written, in milliseconds. No variable sets it. */
  readonly ledgerFlushMs: number;
  /** How often calls and audit events are sealed, in milliseconds. No variable sets it. */
  readonly sealMs: number;
  /** What is kept of what agents say. */
  readonly traces: {
    /** How many days it is kept after the last call of its session; undefined for forever. */
    readonly retentionDays: number | undefined;
    /** Where packs of it lie, unless there is a bucket. */
    readonly directory: string;
    /** The bucket of an object store that packs lie in; undefined for none. */
    readonly bucket: BucketConfig | undefined;
    /** How much of it may wait in memory to be written, in bytes. No variable sets it. */
    readonly maxWaitingBytes: number;
    /** Where more of it waits. */
    readonly spool: { readonly directory: string; readonly maxBytes: number };
  };
  /** Where finished calls wait for the database. */
  readonly spool: { readonly directory: string; readonly maxBytes: number };
  /** The operator's own providers, and changes to built-in ones. */
  readonly providers: readonly OperatorProvider[];
  readonly prices: {
    /** The path of the operator's file of prices. */
    readonly file: string | undefined;
    /** The file's content at the start. */
    readonly overrides: PriceOverrides;
  };
  readonly upstream: {
    /**
     * The base URL of a provider by its id, where it is not the provider's own origin. A path prefix is kept, without a
     * trailing slash.
     */
    readonly baseUrls: Readonly<Record<string, string>>;
    /** The time limit for DNS, TCP and TLS together. It is the only time limit on the proxy's path. */
    readonly connectTimeoutMs: number;
    /** The URL of an HTTP proxy through which outbound connections tunnel (CONNECT). */
    readonly outboundProxy: string | undefined;
  };
  /** Whether WebSockets are forwarded to the providers that speak them. */
  readonly webSockets: boolean;
  /** What happens to calls whose limits can't be checked, because the database can't be asked. */
  readonly limitsWhenUnsure: 'admit' | 'refuse';
  /** Who is told when spend limits reach their levels; undefined for nobody. */
  readonly alertWebhook:
    | {
        readonly url: string;
        /** The key of the signatures. */
        readonly secret: KeyObject;
        /** The times between the tries, in milliseconds; after as many further ones a message is given up. No variable sets them. */
        readonly retryMs: readonly number[];
      }
    | undefined;
  /** The collector that spans of calls are sent to (OTLP over HTTP); undefined for none. */
  readonly otlp:
    | {
        readonly url: string;
        /** The headers of each request, by name. They are keys, so that a config printed by mistake reveals none. */
        readonly headers: Readonly<Record<string, KeyObject>>;
        /** The time limit of one request, in milliseconds. */
        readonly timeoutMs: number;
        readonly isCompressed: boolean;
        /** What the operator says of this server, by the names of attributes. */
        readonly resource: Readonly<Record<string, string>>;
        /** The maximum number of spans in memory, and in one request. No variable sets them. */
        readonly maxSpans: number;
        readonly batchSize: number;
        /** How long a span waits for others, in milliseconds. No variable sets it. */
        readonly flushMs: number;
        /** The times between the tries, in milliseconds; after as many further ones spans are dropped. No variable sets them. */
        readonly retryMs: readonly number[];
      }
    | undefined;
  /** The maximum number of open proxy requests in this process; undefined for no limit. */
  readonly maxOpenRequests: { readonly perUser: number | undefined; readonly total: number | undefined };
  /** The maximum number of open connections in this process; undefined for no limit. */
  readonly maxConnections: number | undefined;
  /** The time limit for the arrival of a request's body, except on the proxy, in milliseconds. No variable sets it. */
  readonly bodyMs: number;
  /** The time limit for a provider to accept or refuse a key, in milliseconds. No variable sets it. */
  readonly keyCheckMs: number;
  /** The resolution of the last use of a key in the database, in milliseconds. No variable sets it. */
  readonly keyUseExactToMs: number;
  /** How many seconds open streams may continue after SIGTERM. */
  readonly drainSeconds: number;
  /** How many seconds an idle connection is kept. */
  readonly keepAliveSeconds: number;
  /** Whether rate limits apply. They are off only in tests that send requests faster than users do. */
  readonly rateLimits: boolean;
  /**
   * Whether the API's document is built before the server listens, so that no stream waits for it. It is built for the first
   * request only in tests, which start hundreds of servers that nobody asks for it.
   */
  readonly documentAtStart: boolean;
}

/** A bucket of a store that speaks the protocol of S3, and how long it is waited for. No variable sets the times. */
export interface BucketConfig {
  /** The URL of the bucket, without a trailing slash. */
  readonly url: string;
  /** What the names of objects begin with, without slashes around it; empty for nothing. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** They are keys, so that a config printed by mistake reveals none. */
  readonly secretAccessKey: KeyObject;
  readonly sessionToken: KeyObject | undefined;
  /** How long one try may go on without a byte in either direction, in milliseconds. */
  readonly quietMs: number;
  /** How long one try may take, in milliseconds. */
  readonly tryMs: number;
  /** For how long tries begin: while somebody waits for it, and behind the calls' back. */
  readonly readMs: number;
  readonly writeMs: number;
  /** The time between the first two tries, which doubles up to the maximum. */
  readonly retryMs: { readonly first: number; readonly max: number };
  /** For how long nobody is kept waiting for a store that has just been given up, in milliseconds. */
  readonly restMs: number;
}

interface EmbeddedDatabase {
  readonly kind: 'embedded';
  /** The absolute path of the data directory. */
  readonly dataDir: string;
}

interface PostgresDatabase {
  readonly kind: 'postgres';
  readonly url: string;
}

/** Who may register: anybody, anybody with an invite, or nobody. The very first user always may. */
export const REGISTRATIONS = ['open', 'invite', 'closed'] as const;
export type Registration = (typeof REGISTRATIONS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The injection token for the Config. */
export const CONFIG = Symbol('CONFIG');
