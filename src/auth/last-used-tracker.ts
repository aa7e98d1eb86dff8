import { Logger } from 'pino';
import { Repository } from 'typeorm';
import { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity';
import { BatchedWriter } from '../batching/batched-writer';

/** The resolution of a last use. Without it, an agent would cause a write with each of its calls. */
export const LAST_USED_EXACT_TO_MS = 60_000;

/**
 * The maximum number of writes that wait for an unresponsive database. A use above it is dropped, and the next use is
 * recorded instead.
 */
const MAX_WAITING = 10_000;
const MAX_CLOSING_MS = 5_000;

/** Records when something was last used, to the minute. No request waits for it, so a timestamp never delays a stream. */
export class LastUsedTracker {
  private readonly writer: BatchedWriter<() => Promise<unknown>>;

  constructor(
    private readonly logger: Logger,
    /** What is used, as the log names it when a write fails, such as `a session`. */
    private readonly what: string,
  ) {
    this.writer = new BatchedWriter({
      write: async (batch) => {
        for (const write of batch) await write();
      },
      onFailure: (error) => {
        logger.warn({ err: error }, `The time of last use of ${what} could not be written`);
      },
      maxItems: MAX_WAITING,
      batchSize: 1, // a failed write affects no other
      flushMs: 0,
    });
  }

  /**
   * Records a use.
   * @param known the last use that this process knows of, which is updated.
   * @returns whether the use is written; false within a minute of the previous one, or when too many writes wait.
   */
  note(known: { lastUsedAt: Date | null }, write: (now: Date) => Promise<unknown>): boolean {
    const now = new Date();
    if (known.lastUsedAt !== null && now.getTime() - known.lastUsedAt.getTime() < LAST_USED_EXACT_TO_MS)
      return false;
    if (!this.writer.add(() => write(now))) return false;
    known.lastUsedAt = now;
    return true;
  }

  /** Stops accepting uses, and resolves when all of them are written, after five seconds at most. */
  async settled(): Promise<void> {
    const left = await this.writer.close(MAX_CLOSING_MS);
    if (left > 0) this.logger.warn({ left }, `Times of last use of ${this.what} were not written in time`);
  }
}

/**
 * Updates a row unless somebody holds it at this moment: the times that are written behind it would all wait. What is not
 * written is noted at a later use.
 */
export async function updateUnlessLocked<Row extends { id: string }>(
  rows: Repository<Row>,
  id: string,
  change: QueryDeepPartialEntity<Row>,
): Promise<void> {
  const { tableName } = rows.metadata;
  await rows
    .createQueryBuilder()
    .update()
    .set(change)
    .where(`"id" = (SELECT "id" FROM "${tableName}" WHERE "id" = :id FOR NO KEY UPDATE SKIP LOCKED)`, { id })
    .execute();
}
