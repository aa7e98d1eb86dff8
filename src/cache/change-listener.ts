import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Client, ClientConfig } from 'pg';
import { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { InvalidationFeed } from './auth-cache';
import { AuthCaches } from './auth-caches';

/** The channel on which the database sends the id of a user whose access has changed (migration 10). */
const CHANNEL = 'tracevault_access';
/** The payload when a table was truncated, instead of an id. */
const EVERYBODY = '*';
/**
 * How long the cache is trusted after the sending of a heartbeat that was answered. A connection can be dead without a
 * sign; with this limit, a change on another replica still takes effect here within a second.
 */
const TRUSTED_MS = 900;
const ASK_EVERY_MS = 300;
/**
 * How long a request waits for a heartbeat when the cache is no longer trusted. This process may have been suspended, with
 * the response waiting to be read.
 */
const MAKE_SURE_WITHIN_MS = 500;
/**
 * The time limit for each step on the connection before it is replaced. It is long, because a busy process reads responses
 * late.
 */
const LOST_AFTER_MS = 5_000;
const RECONNECT_AFTER_MS = 1_000;

/**
 * Receives the changes of other replicas from PostgreSQL (LISTEN) on a connection of its own. While the connection is
 * lost, every request queries the database, as if there were no cache. It runs only in the server, because an operator's
 * command caches nothing.
 */
@Injectable()
export class ChangeListener implements InvalidationFeed, OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  /** The connection, while it is listening. */
  private listening?: Client;
  /** The heartbeat in flight, which concurrent callers share. */
  private asking?: Promise<void>;
  /** When the last answered heartbeat was sent, on the clock of performance.now(). */
  private askedAt = -Infinity;
  private isSilent = false;

  constructor(
    private readonly caches: AuthCaches,
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.database.kind === 'embedded') return;
    this.caches.useFeed(this);
    this.running = this.run();
  }

  get isUpToDate(): boolean {
    return performance.now() - this.askedAt < TRUSTED_MS;
  }

  async catchUp(): Promise<boolean> {
    const { listening } = this;
    if (listening === undefined) return false;
    const twice = async (): Promise<void> => {
      await this.ask(listening); // may join a heartbeat from before this process was suspended, which proves nothing
      if (!this.isUpToDate) await this.ask(listening);
    };
    await within(MAKE_SURE_WITHIN_MS, twice()).catch(() => undefined);
    if (!this.isUpToDate) await setImmediate(); // a process that was busy for the whole time reads its responses now
    return this.isUpToDate;
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.hasStopped()) {
      const error = await this.listen();
      if (this.hasStopped()) return;
      if (!this.isSilent)
        this.logger.warn(
          { err: error },
          'Changes on other replicas are not heard of; every request asks the database',
        );
      this.isSilent = true;
      const { signal } = this.stopping;
      await sleep(RECONNECT_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private hasStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /**
   * Connects, listens and sends heartbeats until the connection is lost or the server stops.
   * @returns the reason for the end.
   */
  private async listen(): Promise<unknown> {
    const client = new Client(connectionOf(this.dataSource));
    const over = new AbortController();
    const end = (reason?: unknown): void => {
      // A dead connection may emit its end long after it has been replaced.
      if (this.listening === client) {
        this.listening = undefined;
        this.askedAt = -Infinity; // at once, and not when the connection has been closed
      }
      over.abort(reason);
      void client.end().catch(() => undefined); // a heartbeat in flight fails with it
    };
    const stop = (): void => end();
    client.on('error', end);
    client.once('end', () => end(new Error('The connection has ended')));
    this.stopping.signal.addEventListener('abort', stop);
    try {
      await within(LOST_AFTER_MS, client.connect(), over.signal); // over a Unix socket, client.end() does not settle it
      client.on('notification', ({ payload }) => {
        if (payload === EVERYBODY) this.caches.invalidateAll();
        else if (payload !== undefined) this.caches.invalidate(payload);
      });
      await within(LOST_AFTER_MS, client.query(`LISTEN ${CHANNEL}`));
      await within(LOST_AFTER_MS, this.isConnectedVia(client), over.signal);
      this.caches.invalidateAll(); // changes before this point were not received
      this.isSilent = false;
      this.listening = client;
      while (!over.signal.aborted) {
        await within(LOST_AFTER_MS, this.ask(client));
        await sleep(ASK_EVERY_MS, undefined, { signal: over.signal });
      }
      return over.signal.reason;
    } catch (error) {
      return over.signal.reason ?? error;
    } finally {
      this.stopping.signal.removeEventListener('abort', stop);
      end();
    }
  }

  private ask(client: Client): Promise<void> {
    const askedAt = performance.now();
    this.asking ??= client
      .query('SELECT 1')
      .then(() => {
        if (this.listening === client) this.askedAt = askedAt;
      })
      .finally(() => (this.asking = undefined));
    return this.asking;
  }

  /**
   * Verifies that notifications arrive, by sending one on another connection. A pooler in transaction mode accepts the
   * LISTEN and answers every query, but delivers no notification.
   */
  private async isConnectedVia(client: Client): Promise<void> {
    const probe = randomUUID();
    const heard = new Promise<void>((resolve) => {
      client.on('notification', ({ payload }) => {
        if (payload === probe) resolve();
      });
    });
    await this.dataSource.query('SELECT pg_notify($1, $2)', [CHANNEL, probe]);
    await heard;
  }
}

/** Returns the connection options of the data source's pool. */
function connectionOf({ driver }: DataSource): ClientConfig {
  const { master: pool } = driver as unknown as { readonly master: { readonly options: ClientConfig } };
  return pool.options;
}

/**
 * Waits for `work`.
 * @throws Error when it takes longer than `ms`, or when `over` is aborted first.
 */
async function within(ms: number, work: Promise<unknown>, over?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    const nobodyWaits = (): void => reject(new Error('Nobody waits any more'));
    timer = setTimeout(reject, ms, new Error(`No answer within ${ms} ms`));
    if (over?.aborted) nobodyWaits(); // not thrown before the race, because the work has begun and its rejection must be handled
    over?.addEventListener('abort', nobodyWaits, { once: true });
  });
  try {
    await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
