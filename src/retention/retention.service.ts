import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { LOGGER } from '../logging/logging.module';
import { HOUR_MS, PeriodicTask } from './periodic-task';
import { RETENTION, RetentionRow } from './retention';

/** The maximum number of rows that one statement deletes, so that other queries can run in between. */
const BATCH = 1_000;

/** Deletes rows past their retention from all tables that have one: at start, and then every hour. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly hourly = new PeriodicTask(HOUR_MS, () => this.sweepInTurn());
  private isStopping = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(RETENTION) private readonly table: readonly RetentionRow[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.hourly.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.hourly.stop();
  }

  /** Sweeps all tables. Never throws: a failure is logged, and the next sweep retries it. Concurrent calls are coalesced. */
  sweepAll(): Promise<void> {
    return this.hourly.run();
  }

  /** Deletes the rows of one table that are past their retention, in batches. Returns their number. */
  async sweep(row: RetentionRow): Promise<number> {
    const oldest = new Date(Date.now() - row.keepMs);
    let [rows, batch] = [0, 0];
    do {
      batch = await this.deleteBatch(row, oldest);
      rows += batch;
    } while (batch === BATCH && !this.isStopping);
    return rows;
  }

  private async sweepInTurn(): Promise<void> {
    for (const row of this.table) {
      if (this.isStopping) return;
      const { table } = row;
      try {
        const rows = await this.sweep(row);
        if (rows > 0) this.logger.info({ table, rows }, 'Rows past their retention were removed');
      } catch (error) {
        this.logger.warn({ err: error, table }, 'Rows past their retention could not be removed');
      }
    }
  }

  /** Deletes one batch without waiting for locks: rows that are locked are skipped and left to the next sweep. */
  private async deleteBatch({ table, column, setting }: RetentionRow, oldest: Date): Promise<number> {
    return this.dataSource.transaction(async (transaction) => {
      if (setting !== undefined) await transaction.query(`SELECT set_config($1, 'on', true)`, [setting]);
      const result = await transaction.query<[unknown, number]>(
        `DELETE FROM "${table}" WHERE "id" IN (
           SELECT "id" FROM "${table}" WHERE ${column} < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
        [oldest],
      );
      return result[1];
    });
  }
}
