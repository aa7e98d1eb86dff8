import { EventEmitter, once } from 'node:events';
import { BatchedWriter, BatchedWriterOptions } from './batched-writer';

const HOUR_MS = 3_600_000;

/** A destination of writes, which can be held up. */
class Place extends EventEmitter<{ begun: [] }> {
  readonly batches: string[][] = [];
  readonly failures: string[] = [];
  /** The number of next writes that fail. */
  failing = 0;
  private open = Promise.resolve();
  private atOnce = 0;

  /**
   * Holds up all writes from now on.
   * @returns a function that releases them.
   */
  hold(): () => void {
    let release = (): void => undefined;
    this.open = new Promise((resolve) => (release = resolve));
    return release;
  }

  readonly write = async (batch: readonly string[]): Promise<void> => {
    expect(++this.atOnce).toBe(1);
    this.emit('begun');
    await this.open;
    this.atOnce--;
    if (this.failing > 0) {
      this.failing--;
      throw new Error('The disk is full');
    }
    this.batches.push([...batch]);
  };

  writer(options: Partial<BatchedWriterOptions<string>> = {}): BatchedWriter<string> {
    return new BatchedWriter({
      write: this.write,
      onFailure: (error, items) => void this.failures.push(`${items}: ${(error as Error).message}`),
      maxItems: 100,
      batchSize: 10,
      flushMs: HOUR_MS,
      ...options,
    });
  }
}

describe('a batched writer', () => {
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  const addAll = (writer: BatchedWriter<string>, items: string): boolean[] =>
    [...items].map((item) => writer.add(item));

  it('takes items at once and writes them later, in their order and in batches', async () => {
    const writer = place.writer({ batchSize: 2 });
    expect(addAll(writer, 'abcde')).toEqual([true, true, true, true, true]);
    expect([place.batches, writer.size]).toEqual([[], 5]);
    await writer.flush();
    expect([place.batches, writer.size]).toEqual([[['a', 'b'], ['c', 'd'], ['e']], 0]);
  });

  it('writes when a batch is full', async () => {
    const writer = place.writer({ batchSize: 2 });
    const begun = once(place, 'begun');
    addAll(writer, 'ab');
    await begun;
    await writer.flush();
    expect(place.batches).toEqual([['a', 'b']]);
  });

  it('writes what waits when the time has come', async () => {
    const writer = place.writer({ flushMs: 1 });
    for (const item of 'ab') {
      const begun = once(place, 'begun');
      writer.add(item);
      await begun;
      await writer.flush();
    }
    expect(place.batches).toEqual([['a'], ['b']]);
  });

  it('writes one batch at a time, and gathers meanwhile', async () => {
    const writer = place.writer({ flushMs: 0 });
    const release = place.hold();
    writer.add('a');
    const flushed = writer.flush();
    addAll(writer, 'bcd');
    release();
    await flushed;
    expect(place.batches).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('holds no more than its maximum, with what is being written, and counts what it drops', async () => {
    const writer = place.writer({ maxItems: 3, batchSize: 2 });
    const release = place.hold();
    addAll(writer, 'ab');
    const flushed = writer.flush();
    expect(addAll(writer, 'cde')).toEqual([true, false, false]);
    expect([writer.size, writer.droppedCount]).toEqual([3, 2]);
    release();
    await flushed;
    expect(writer.add('f')).toBe(true);
    await writer.flush();
    expect(place.batches).toEqual([['a', 'b'], ['c'], ['f']]);
  });

  it('keeps the latest item of each key, also when it is full', async () => {
    const writer = place.writer({ maxItems: 2, keyOf: (item) => item.charAt(0) });
    for (const item of ['a1', 'b1', 'a2', 'c1', 'b2']) writer.add(item);
    await writer.flush();
    expect([place.batches, writer.droppedCount]).toEqual([[['a2', 'b2']], 1]);
  });

  it('drops a batch that could not be written, says so, and goes on', async () => {
    const writer = place.writer({ batchSize: 2 });
    place.failing = 1;
    addAll(writer, 'abc');
    await writer.flush();
    expect([place.batches, place.failures, writer.droppedCount]).toEqual([
      [['c']],
      ['2: The disk is full'],
      2,
    ]);
  });

  it('keeps it where it may not be lost, and tries again, the oldest first', async () => {
    const writer = place.writer({ batchSize: 2, retryMs: 1 });
    place.failing = 2;
    addAll(writer, 'abc');
    await writer.flush();
    expect([place.batches, writer.size]).toEqual([[], 3]);
    await once(place, 'begun');
    await writer.flush();
    await once(place, 'begun');
    await writer.flush();
    expect(place.batches).toEqual([['a', 'b'], ['c']]);
    expect([place.failures.length, writer.droppedCount]).toEqual([2, 0]);
  });

  it('puts nothing back over a later item of the same key', async () => {
    const writer = place.writer({ retryMs: HOUR_MS, keyOf: (item) => item.charAt(0) });
    const release = place.hold();
    place.failing = 1;
    addAll(writer, 'ab');
    const flushed = writer.flush();
    writer.add('a, later');
    release();
    await flushed;
    await writer.flush();
    expect(place.batches).toEqual([['a, later', 'b']]);
  });

  it('writes all of it when it is closed, and takes nothing afterwards', async () => {
    const writer = place.writer({ batchSize: 2 });
    addAll(writer, 'abc');
    expect(await writer.close(HOUR_MS)).toBe(0);
    expect(place.batches).toEqual([['a', 'b'], ['c']]);
    expect([writer.add('d'), writer.droppedCount]).toEqual([false, 1]);
  });

  it('tries again while there is time when it is closed', async () => {
    const writer = place.writer({ retryMs: 1 });
    place.failing = 3;
    addAll(writer, 'abc');
    expect(await writer.close(HOUR_MS)).toBe(0);
    expect(place.batches).toEqual([['a', 'b', 'c']]);
  });

  it('says what is left when a write does not end in time', async () => {
    const writer = place.writer({ batchSize: 2 });
    const release = place.hold();
    addAll(writer, 'abc');
    expect(await writer.close(5)).toBe(3);
    release();
  });

  it('leaves no timer that keeps a process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const writer = place.writer();
    writer.add('a');
    expect(timers()).toBe(before);
    await writer.close(HOUR_MS);
    expect(timers()).toBe(before);
  });
});
