import { Logger } from 'pino';
import { BatchedWriter } from '../batching/batched-writer';

/** How exact a last use is; an agent would otherwise write a row with each of its calls. */
export const LAST_USED_EXACT_TO_MS = 60_000;

/** Of times that wait for a database that does not answer. One that finds no room is noted at the next use. */
const MAX_WAITING = 10_000;
const MAX_CLOSING_MS = 5_000;

/** Notes when something was last used, to the minute. Not awaited by any request: nobody's stream waits for a time stamp. */
export class LastUsedTracker {
  private readonly writer: BatchedWriter<() => Promise<unknown>>;

  constructor(
    private readonly logger: Logger,
    /** For the log, when it can't be written: `a session`. */
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
      batchSize: 1, // one that fails takes no other with it
      flushMs: 0,
    });
  }

  /**
   * @param known what this process has seen of it; its time moves on.
   * @returns whether a minute was over, and it is written.
   */
  note(known: { lastUsedAt: Date | null }, write: (now: Date) => Promise<unknown>): boolean {
    const now = new Date();
    if (known.lastUsedAt !== null && now.getTime() - known.lastUsedAt.getTime() < LAST_USED_EXACT_TO_MS)
      return false;
    if (!this.writer.add(() => write(now))) return false;
    known.lastUsedAt = now;
    return true;
  }

  /** Resolves when all of them are written, or after some seconds; no more are taken. */
  async settled(): Promise<void> {
    const left = await this.writer.close(MAX_CLOSING_MS);
    if (left > 0) this.logger.warn({ left }, `Times of last use of ${this.what} were not written in time`);
  }
}
