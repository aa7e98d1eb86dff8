import { setTimeout as sleep } from 'node:timers/promises';

export interface BatchedWriterOptions<Item> {
  readonly write: (batch: readonly Item[]) => Promise<void>;
  /** Called for each failed write, with the number of its items, to log it. */
  readonly onFailure: (error: unknown, items: number) => void;
  /** The maximum number of items that wait or are being written. Items above it are dropped and counted. */
  readonly maxItems: number;
  /** The maximum number of items of one write. As soon as this many wait, they are written. */
  readonly batchSize: number;
  /** How long fewer items than a full batch may wait, in milliseconds. */
  readonly flushMs: number;
  /** After how many milliseconds a failed batch is retried. Without it, a failed batch is dropped and counted. */
  readonly retryMs?: number;
  /** Returns the key of an item. Of several waiting items with the same key, only the latest is written. */
  readonly keyOf?: (item: Item) => string;
}

/**
 * Accepts items at any rate and writes them in batches, one at a time. Adding an item never waits, so that no stream waits
 * for the database.
 */
export class BatchedWriter<Item> {
  private waiting = new Map<string | number, Item>();
  private inFlight = 0;
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private hasFailed = false;
  private isClosed = false;
  private count = 0;
  private dropped = 0;

  constructor(private readonly options: BatchedWriterOptions<Item>) {}

  /** The number of items that wait or are being written. */
  get size(): number {
    return this.waiting.size + this.inFlight;
  }

  /** The number of items lost since the start, because the queue was full or closed, or their write failed. */
  get droppedCount(): number {
    return this.dropped;
  }

  /**
   * Adds an item.
   * @returns false when the item was dropped, because the queue is full or closed.
   */
  add(item: Item): boolean {
    const key = this.options.keyOf?.(item) ?? this.count++;
    if (this.isClosed || (this.size >= this.options.maxItems && !this.waiting.has(key))) {
      this.dropped += 1;
      return false;
    }
    this.waiting.set(key, item);
    this.schedule();
    return true;
  }

  /** Tries to write all waiting items now. Never rejects. */
  flush(): Promise<void> {
    this.unschedule();
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      this.schedule();
    });
    return this.writing;
  }

  /**
   * Stops accepting items, and writes those that wait.
   * @returns how many items were not written by the deadline.
   */
  async close(deadlineMs: number): Promise<number> {
    this.isClosed = true;
    const end = performance.now() + deadlineMs;
    const { retryMs = 0 } = this.options;
    const over = new AbortController();
    const late = sleep(deadlineMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.flush(), late]);
    while (this.size > 0 && performance.now() < end) {
      await Promise.race([sleep(retryMs, undefined, { ref: false }), late]);
      await Promise.race([this.flush(), late]);
    }
    over.abort();
    return this.size;
  }

  private schedule(): void {
    if (this.isClosed || this.writing !== undefined || this.waiting.size === 0) return;
    if (this.hasFailed) this.startTimer(this.options.retryMs ?? this.options.flushMs);
    else if (this.waiting.size < this.options.batchSize) this.startTimer(this.options.flushMs);
    else this.immediate ??= setImmediate(() => void this.flush());
  }

  private startTimer(ms: number): void {
    this.timer ??= setTimeout(() => void this.flush(), ms).unref();
  }

  private unschedule(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    [this.timer, this.immediate] = [undefined, undefined];
  }

  /** Writes batch after batch, and stops at the first failure that is to be retried. */
  private async writeAll(): Promise<void> {
    let mayGoOn = true;
    while (this.waiting.size > 0 && mayGoOn) mayGoOn = await this.writeBatch(this.takeBatch());
    this.hasFailed = !mayGoOn;
  }

  /**
   * Writes one batch.
   * @returns false for a failure that is to be retried.
   */
  private async writeBatch(batch: ReadonlyMap<string | number, Item>): Promise<boolean> {
    this.inFlight = batch.size;
    try {
      await this.options.write([...batch.values()]);
      return true;
    } catch (error) {
      this.options.onFailure(error, batch.size);
      if (this.options.retryMs === undefined) {
        this.dropped += batch.size;
        return true;
      }
      this.waiting = new Map([...batch, ...this.waiting]); // a later item with the same key wins
      return false;
    } finally {
      this.inFlight = 0;
    }
  }

  private takeBatch(): Map<string | number, Item> {
    const batch = new Map<string | number, Item>();
    for (const [key, item] of this.waiting) {
      if (batch.size === this.options.batchSize) break;
      batch.set(key, item);
      this.waiting.delete(key);
    }
    return batch;
  }
}
