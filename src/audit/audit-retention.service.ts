import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';

const DAY_MS = 86_400_000;

/** Removes audit events that are older than the operator wants to keep: at start, and then once a day. */
@Injectable()
export class AuditRetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.auditRetentionDays === undefined) return;
    this.begin();
    await this.sweeping;
    this.timer = setInterval(() => {
      this.begin();
    }, DAY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** @returns how many went. */
  async sweep(keepDays: number): Promise<number> {
    return this.dataSource.transaction(async (transaction) => {
      await transaction.query(`SELECT set_config('tracevault.audit_sweep', 'on', true)`);
      const oldest = new Date(Date.now() - keepDays * DAY_MS);
      const result = await transaction.query<[unknown, number]>(
        'DELETE FROM "audit_events" WHERE "at" < $1',
        [oldest],
      );
      return result[1];
    });
  }

  /** A failure stops nothing and is tried again tomorrow. */
  private begin(): void {
    this.sweeping = this.sweep(this.config.auditRetentionDays ?? 0).then(
      (events) => {
        if (events > 0) this.logger.info({ events }, 'Audit events past their retention were removed');
      },
      (error: unknown) => {
        this.logger.warn({ err: error }, 'Old audit events could not be removed');
      },
    );
  }
}
