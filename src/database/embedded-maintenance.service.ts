import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';

const LOOK_MS = 10_000;
const RETRY_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One file of the write-ahead log, of 16 MB. */
const SEGMENT = /^[0-9A-F]{24}$/;
/** A checkpoint leaves four (`max_wal_size`), of which some are empty and wait to be used. */
const MAX_SEGMENTS = 5;

const TABLES = `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'm') AND relpersistence <> 't' ORDER BY 1`;

/**
 * What PostgreSQL's background processes do, which the embedded database does not have. A checkpoint every hour, and when the
 * write-ahead log has grown: without one it grows without end, and the next start after a crash reads all of it. VACUUM (ANALYZE)
 * once a day, an hour after the start at the earliest. All of it runs on the server's own thread: a table at a time, so that requests get
 * their turn in between.
 */
@Injectable()
export class EmbeddedMaintenanceService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopping = false;
  private checkpointAt = performance.now();
  private vacuumAt = -Infinity;
  private notBefore = -Infinity;
  private readonly log: string | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) { database }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    if (database.kind === 'embedded') this.log = join(database.dataDir, 'pgdata', 'pg_wal');
  }

  onApplicationBootstrap(): void {
    if (this.log === undefined) return; // PostgreSQL does it all by itself
    this.timer = setInterval(() => {
      this.running ??= this.maintain().finally(() => (this.running = undefined));
    }, LOOK_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Makes room of deleted and replaced rows and renews the planner's statistics. Ends early when the server stops. */
  async vacuum(): Promise<void> {
    for (const { name } of await this.dataSource.query<{ name: string }[]>(TABLES)) {
      if (this.isStopping) return;
      await this.dataSource.query(`VACUUM (ANALYZE) ${name}`);
    }
  }

  /** What is due now. A failure stops nothing: a checkpoint is tried again a minute later, VACUUM after the next hourly one. */
  async maintain(): Promise<void> {
    const now = performance.now();
    if (now < this.notBefore) return;
    try {
      const isHourly = now - this.checkpointAt >= HOUR_MS;
      if (!isHourly && (await this.countSegments()) <= MAX_SEGMENTS) return;
      await this.dataSource.query('CHECKPOINT'); // milliseconds: at most the 8 MB of buffers have to be written
      if (!isHourly) return;
      this.checkpointAt = now;
      if (now - this.vacuumAt < DAY_MS) return;
      await this.vacuum();
      this.vacuumAt = now;
    } catch (error) {
      this.notBefore = now + RETRY_MS;
      this.logger.warn({ err: error }, 'The upkeep of the embedded database failed and is tried again');
    }
  }

  private async countSegments(): Promise<number> {
    if (this.log === undefined) return 0;
    return (await readdir(this.log)).filter((name) => SEGMENT.test(name)).length;
  }
}
