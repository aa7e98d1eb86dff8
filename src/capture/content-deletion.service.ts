import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource, EntityManager } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { DataKeysService } from '../credentials/data-keys.service';
import { LOGGER } from '../logging/logging.module';
import { HOUR_MS, PeriodicTask } from '../retention/periodic-task';
import { DAY_MS } from '../retention/retention';
import { ContentRemovals } from './content-removals';
import { ContentWriter } from './content-writer';
import { SessionKey } from './kept-content.service';

/** The number of sessions whose content one transaction deletes. */
const BATCH = 50;

/**
 * Deletes content: first its key, at once and for good, and then the packs and the rows. What is left of it anywhere, in backups
 * or on the disk, does not open without the key.
 */
@Injectable()
export class ContentDeletionService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly hourly = new PeriodicTask(HOUR_MS, () => this.sweep());

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly dataKeys: DataKeysService,
    private readonly writer: ContentWriter,
    private readonly removals: ContentRemovals,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    void this.hourly.start(); // the server does not wait for it
  }

  async onModuleDestroy(): Promise<void> {
    this.removals.stop();
    await this.hourly.stop();
  }

  /** Deletes what is kept of a session. @returns whether there was anything. */
  async deleteOf({ userId, orgId, clientKind, sessionId }: SessionKey): Promise<boolean> {
    const where = `"user_id" = $1 AND "org_id" IS NOT DISTINCT FROM $2::uuid AND "client_kind" = $3 AND "session_id" = $4`;
    return (await this.deleteWhere(where, [userId, orgId, clientKind, sessionId])) > 0;
  }

  /** Deletes what is kept of a user's sessions whose last call came in before a time. @returns the number of sessions. */
  deleteBefore(userId: string, before: Date): Promise<number> {
    return this.deleteWhere(`"user_id" = $1 AND "last_at" < $2`, [userId, before]);
  }

  /** Deletes what is past its retention or left behind. Never throws: a failure is logged, and the next hour retries it. */
  sweepNow(): Promise<void> {
    return this.hourly.run();
  }

  private async sweep(): Promise<void> {
    try {
      await this.deletePast();
      await this.removals.removeAll();
      await this.removals.removeLeftBehind();
    } catch (error) {
      this.logger.warn({ err: error }, 'Content past its retention could not be deleted');
    }
  }

  private async deletePast(): Promise<void> {
    const { retentionDays: days } = this.config.traces;
    if (days === undefined) return;
    const sessions = await this.deleteWhere(`"last_at" < $1`, [new Date(Date.now() - days * DAY_MS)]);
    if (sessions > 0) this.logger.info({ sessions }, 'Content past its retention was deleted');
  }

  private async deleteWhere(where: string, parameters: readonly unknown[]): Promise<number> {
    let [deleted, ids]: [number, string[]] = [0, []];
    do {
      ids = await this.dataSource.transaction((transaction) =>
        this.deleteKeys(transaction, where, parameters),
      );
      this.writer.forget(new Set(ids));
      await this.removals.remove(ids);
      deleted += ids.length;
    } while (ids.length === BATCH);
    return deleted;
  }

  /** @returns the ids of the contents. */
  private async deleteKeys(
    transaction: EntityManager,
    where: string,
    parameters: readonly unknown[],
  ): Promise<string[]> {
    const rows = await transaction.query<{ id: string; data_key_id: string }[]>(
      `SELECT "id", "data_key_id" FROM "trace_contents" WHERE ${where} AND "deleted_at" IS NULL
        ORDER BY "id" LIMIT ${BATCH} FOR UPDATE`,
      [...parameters],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return ids;
    await transaction.query(
      `UPDATE "trace_contents" SET "data_key_id" = NULL, "title" = NULL, "deleted_at" = $2 WHERE "id" = ANY($1)`,
      [ids, new Date()], // on the clock of the calls: what came in before it is deleted with it
    );
    await this.dataKeys.delete(
      transaction,
      rows.map(({ data_key_id }) => data_key_id),
    );
    return ids;
  }
}
