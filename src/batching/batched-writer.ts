import { setTimeout as sleep } from 'node:timers/promises';

export interface BatchedWriterOptions<Item> {
  readonly write: (batch: readonly Item[]) => Promise<void>;
  /** Told of each write that failed, and of how many items, to log it. */
  readonly onFailure: (error: unknown, items: number) => void;
  /** How many items may wait or be under way; what comes beyond is dropped, and counted. */
  readonly maxItems: number;
  /** How many items are written together, and so many are written at once. */
  readonly batchSize: number;
  /** How long fewer of them may wait. */
  readonly flushMs: number;
  /** After how long a batch that failed is tried again; without it, it is dropped, and counted. */
  readonly retryMs?: number;
  /** Of two items with the same key that wait, the later one alone is written. */
  readonly keyOf?: (item: Item) => string;
}

/**
 * Takes items at any rate and writes them in batches, one at a time. Whoever adds one does not wait, so that no stream waits
 * for a database.
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

  /** How many items wait or are being written. */
  get size(): number {
    return this.waiting.size + this.inFlight;
  }

  /** How many items were lost since the start: there was no room, or their write failed. */
  get droppedCount(): number {
    return this.dropped;
  }

  /** @returns whether there was room. */
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

  /** Tries to write everything that waits, now. Never fails. */
  flush(): Promise<void> {
    this.unschedule();
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      this.schedule();
    });
    return this.writing;
  }

  /** Takes no more, and writes what waits. @returns how many items are not written when the time is over. */
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

  /** Ends at the first failure that is to be tried again. */
  private async writeAll(): Promise<void> {
    let mayGoOn = true;
    while (this.waiting.size > 0 && mayGoOn) mayGoOn = await this.writeBatch(this.takeBatch());
    this.hasFailed = !mayGoOn;
  }

  /** @returns false for a failure that is to be tried again. */
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
      this.waiting = new Map([...batch, ...this.waiting]); // what is later under the same key wins
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
