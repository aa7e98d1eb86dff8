import { Logger } from 'pino';

/** How exact a last use is; an agent would otherwise write a row with each of its calls. */
export const LAST_USED_EXACT_TO_MS = 60_000;

/** Notes when something was last used, to the minute. Not awaited by any request: nobody's stream waits for a time stamp. */
export class UseNotes {
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly logger: Logger,
    /** For the log, when it can't be written: `a session`. */
    private readonly what: string,
  ) {}

  /**
   * @param known what this process has seen of it; its time moves on.
   * @returns whether a minute was over, and it is written.
   */
  note(known: { lastUsedAt: Date | null }, write: (now: Date) => Promise<unknown>): boolean {
    const now = new Date();
    if (known.lastUsedAt !== null && now.getTime() - known.lastUsedAt.getTime() < LAST_USED_EXACT_TO_MS)
      return false;
    known.lastUsedAt = now;
    const written = write(now)
      .then(() => undefined)
      .catch((error: unknown) => {
        this.logger.warn({ err: error }, `The time of last use of ${this.what} could not be written`);
      })
      .finally(() => this.writing.delete(written));
    this.writing.add(written);
    return true;
  }

  /** Resolves when all of them are written. */
  async settled(): Promise<void> {
    await Promise.all(this.writing);
  }
}
