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

/** Matches the name of a segment of the write-ahead log, a file of 16 MB. */
const SEGMENT = /^[0-9A-F]{24}$/;
/** The number of segments above which a checkpoint is due. A checkpoint keeps four (`max_wal_size`), partly for reuse. */
const MAX_SEGMENTS = 5;

const TABLES = `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'm') AND relpersistence <> 't' ORDER BY 1`;

/**
 * Does the work of PostgreSQL's background processes, which the embedded database does not have. It runs CHECKPOINT every
 * hour, and whenever the write-ahead log has grown: without checkpoints the log grows without limit, and the first start after
 * a crash has to replay all of it. It runs VACUUM (ANALYZE) once a day, for the first time an hour after the start. As all of
 * this keeps the one connection busy, VACUUM processes one table at a time, so that other queries are answered in between.
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
    if (this.log === undefined) return; // a PostgreSQL server does this itself
    this.timer = setInterval(() => {
      this.running ??= this.maintain().finally(() => (this.running = undefined));
    }, LOOK_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Reclaims the space of dead rows and updates the planner's statistics. Stops early when the server shuts down. */
  async vacuum(): Promise<void> {
    for (const { name } of await this.dataSource.query<{ name: string }[]>(TABLES)) {
      if (this.isStopping) return;
      await this.dataSource.query(`VACUUM (ANALYZE) ${name}`);
    }
  }

  /** Does the work that is due. Never throws: a failed checkpoint is retried after a minute, VACUUM an hour later. */
  async maintain(): Promise<void> {
    const now = performance.now();
    if (now < this.notBefore) return;
    try {
      const isHourly = now - this.checkpointAt >= HOUR_MS;
      if (!isHourly && (await this.countSegments()) <= MAX_SEGMENTS) return;
      await this.dataSource.query('CHECKPOINT'); // takes milliseconds: it writes at most the 8 MB of buffers
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
