import { BeforeApplicationShutdown, Inject, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { CallRow } from './call-row';
import { CallSpool } from './call-spool';
import { LedgerObserver } from './ledger-observer';
import { LedgerRepository } from './ledger.repository';
import { LedgerState, LedgerWriter } from './ledger-writer';

/** How long the last calls may take to be written when the server stops. */
const CLOSE_MS = 5_000;

/** The maximum number of calls of one insert. The embedded database has one connection, and all others wait for it. */
const MAX_ROWS = { embedded: 50, postgres: 200 } as const;

/** The ledger of calls: takes each finished call and writes it behind the streams' back. */
@Injectable()
export class LedgerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly writer: LedgerWriter;
  /** The calls that have ended, or will, and whose usage is not read yet. */
  private readonly reading = new Set<Promise<void>>();
  private readonly observers: LedgerObserver[] = [];

  constructor(
    ledger: LedgerRepository,
    @Inject(CONFIG) { database, spool, ledgerFlushMs: flushMs }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.writer = new LedgerWriter({
      spool: openSpool(spool.directory, logger),
      maxSpoolBytes: spool.maxBytes,
      flushMs,
      maxRows: MAX_ROWS[database.kind],
      insert: async (rows) => {
        const recorded = await ledger.insert(rows);
        this.tell((observer) => observer.written?.(rows, recorded));
      },
      logger,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.writer.start();
  }

  /** Runs when the proxy has drained and before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    const late = sleep(CLOSE_MS, undefined, { ref: false });
    await Promise.race([Promise.all(this.reading), late]);
    await this.writer.close(CLOSE_MS);
  }

  observe(observer: LedgerObserver): void {
    this.observers.push(observer);
  }

  get state(): LedgerState {
    return this.writer;
  }

  add(row: CallRow): void {
    this.writer.add(row);
    this.tell((observer) => observer.recorded?.(row));
  }

  /** Has the end of the server wait for a call that is going to be added. */
  expect(exchangeId: string, recorded: Promise<void>): void {
    const done = recorded
      .catch((error: unknown) => {
        this.writer.drop(1, 'A call is missing from the ledger', { err: error });
      })
      .finally(() => {
        this.reading.delete(done);
        this.tell((observer) => observer.settled?.(exchangeId));
      });
    this.reading.add(done);
  }

  private tell(what: (observer: LedgerObserver) => void): void {
    for (const observer of this.observers) {
      try {
        what(observer);
      } catch (error) {
        // The calls are in the ledger: if this failed a write, they would be written again and again.
        this.logger.error({ err: error }, 'An observer of the ledger failed');
      }
    }
  }
}

function openSpool(directory: string, logger: Logger): CallSpool | undefined {
  try {
    return CallSpool.open(directory);
  } catch (error) {
    logger.warn(
      { err: error, directory },
      'The spool directory can’t be written to: finished calls wait for the database in memory alone. Set TRACEVAULT_DATA_DIR to a directory that this server may write to',
    );
    return undefined;
  }
}
