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

/** Migration 10 makes the database send a person's id here when something of theirs changes. */
const CHANNEL = 'tracevault_access';
/** In the place of an id, when a table was emptied at once. */
const EVERYBODY = '*';
/**
 * A connection can be dead without a sign. What is in memory counts only for so long after a question that was answered
 * on it was asked: a change on another replica has its effect here within a second, come what may.
 */
const TRUSTED_MS = 900;
const ASK_EVERY_MS = 300;
/** For a request that finds no trust any more; this process may have stood still, and the answer be here already. */
const MAKE_SURE_WITHIN_MS = 500;
/** For a connection to be created again; a busy process reads answers late. */
const LOST_AFTER_MS = 5_000;
const RECONNECT_AFTER_MS = 1_000;

/**
 * Hears from PostgreSQL what other replicas change (LISTEN), on a connection of its own. While that is lost, every request
 * asks the database, as if there were no cache. In the app alone: an operator's command keeps nothing.
 */
@Injectable()
export class ChangeListener implements InvalidationFeed, OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  /** The connection that listens, while it does. */
  private listening?: Client;
  /** The question that waits for its answer; whoever asks meanwhile waits with it. */
  private asking?: Promise<void>;
  /** When the last question was asked that has been answered; from performance.now(). */
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

  get isSure(): boolean {
    return performance.now() - this.askedAt < TRUSTED_MS;
  }

  async makeSure(): Promise<boolean> {
    const { listening } = this;
    if (listening === undefined) return false;
    const twice = async (): Promise<void> => {
      await this.ask(listening); // perhaps one that was on its way before this process stood still, and proves nothing
      if (!this.isSure) await this.ask(listening);
    };
    await within(MAKE_SURE_WITHIN_MS, twice()).catch(() => undefined);
    if (!this.isSure) await setImmediate(); // a process that was busy for the whole time reads its answers now
    return this.isSure;
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

  /** @returns why it is over: the connection was not made, or was lost, or the server stops. */
  private async listen(): Promise<unknown> {
    const client = new Client(connectionOf(this.dataSource));
    const over = new AbortController();
    const end = (reason?: unknown): void => {
      // A dead one may hear of its end when another one has long taken its place.
      if (this.listening === client) {
        this.listening = undefined;
        this.askedAt = -Infinity; // in this very moment, and not when everything has been closed
      }
      over.abort(reason);
      void client.end().catch(() => undefined); // a question that waits for its answer fails with it
    };
    const stop = (): void => end();
    client.on('error', end);
    client.once('end', () => end(new Error('The connection has ended')));
    this.stopping.signal.addEventListener('abort', stop);
    try {
      await within(LOST_AFTER_MS, client.connect(), over.signal); // over a Unix socket, ending it does not settle it
      client.on('notification', ({ payload }) => {
        if (payload === EVERYBODY) this.caches.invalidateAll();
        else if (payload !== undefined) this.caches.invalidate(payload);
      });
      await within(LOST_AFTER_MS, client.query(`LISTEN ${CHANNEL}`));
      await within(LOST_AFTER_MS, this.isConnectedVia(client), over.signal);
      this.caches.invalidateAll(); // of what changed until now, nobody told us
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
   * Says something on another connection and waits for it here. A pooler in transaction mode takes the LISTEN, answers
   * every question, and passes nothing on.
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

/** As the pool's own are made. */
function connectionOf({ driver }: DataSource): ClientConfig {
  const { master: pool } = driver as unknown as { readonly master: { readonly options: ClientConfig } };
  return pool.options;
}

/** @throws Error when it takes longer, or when it is `over` before. */
async function within(ms: number, work: Promise<unknown>, over?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    const nobodyWaits = (): void => reject(new Error('Nobody waits any more'));
    timer = setTimeout(reject, ms, new Error(`No answer within ${ms} ms`));
    if (over?.aborted) nobodyWaits(); // not before the race: the work has begun, and may fail
    over?.addEventListener('abort', nobodyWaits, { once: true });
  });
  try {
    await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
