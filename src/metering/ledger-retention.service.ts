import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { HOUR_MS, PeriodicTask } from '../retention/periodic-task';
import { DAY_MS } from '../retention/retention';

/**
 * Drops the months of the ledger that are past their retention, whole: at start, and then every hour. The sums by the hour stay.
 */
@Injectable()
export class LedgerRetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly hourly = new PeriodicTask(HOUR_MS, () => this.dropPast());

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.hourly.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.hourly.stop();
  }

  /** Drops what is past its retention. Never throws: a failure is logged, and the next hour retries it. */
  drop(): Promise<void> {
    return this.hourly.run();
  }

  private async dropPast(): Promise<void> {
    const { ledgerRetentionDays: days } = this.config;
    if (days !== undefined) await this.dropBefore(new Date(Date.now() - days * DAY_MS));
  }

  private async dropBefore(oldest: Date): Promise<void> {
    const last = `calls_${oldest.toISOString().slice(0, 7).replace('-', '')}`;
    try {
      const partitions = await this.dataSource.query<{ name: string }[]>(
        `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
          WHERE inhparent = 'calls'::regclass AND relname < $1 ORDER BY relname`,
        [last],
      );
      for (const { name } of partitions) {
        await this.dataSource.query(`DROP TABLE IF EXISTS "${name}"`);
        this.logger.info({ table: name }, 'A month of the ledger that is past its retention was dropped');
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'Months of the ledger past their retention could not be dropped');
    }
  }
}
