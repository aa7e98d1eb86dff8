import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ChunkOwner, ChunkQueue, NO_CHUNK } from './chunk-queue';

const LARGE = 2 * 1024;
const ENOUGH = 256 * 1024;
const ROOM = 288 * 1024;
const AT_ONCE = 32 * 1024;

/** An owner that writes down what it gets. */
class Stream implements ChunkOwner {
  firstChunk = NO_CHUNK;
  lastChunk = NO_CHUNK;
  readonly pieces: Buffer[] = [];

  takeBytes(bytes: Buffer): void {
    this.pieces.push(Buffer.from(bytes));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

function add(queue: ChunkQueue, stream: Stream, chunk: Buffer): void {
  queue.add(stream, chunk);
  chunk.fill(0); // chunks belong to the stream
}

describe('the chunks that wait for their owners', () => {
  it('come to each whole, in order and once, whoever comes and goes', async () => {
    const steps = fc.array(
      fc.record({
        stream: fc.nat({ max: 30 }),
        length: fc.oneof(
          { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
          { weight: 1, arbitrary: fc.constantFrom(LARGE - 1, LARGE, 3 * LARGE) },
        ),
        times: fc.constantFrom(1, 1, 1, 40, 5_000),
        isGivenOut: fc.boolean(),
        isTurn: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const queue = new ChunkQueue();
        const streams = Array.from({ length: 31 }, () => new Stream());
        const added = streams.map((): Buffer[] => []);
        for (const [index, { stream, length, times, isGivenOut, isTurn }] of all.entries()) {
          const owner = streams[stream] as Stream;
          for (let time = 0; time < (length < 50 ? times : Math.min(times, 40)); time++) {
            const chunk = Buffer.alloc(length, index + time);
            added[stream]?.push(Buffer.from(chunk));
            add(queue, owner, chunk);
          }
          if (isTurn) await nextTurn();
          if (!isGivenOut) continue;
          queue.giveOut(owner);
          expect(owner.bytes.equals(Buffer.concat(added[stream] ?? []))).toBe(true);
        }
        for (const owner of streams) queue.giveOut(owner);
        for (const [index, { bytes, pieces, lastChunk }] of streams.entries()) {
          expect(bytes.equals(Buffer.concat(added[index] ?? []))).toBe(true);
          expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(AT_ONCE);
          expect(lastChunk).toBe(NO_CHUNK);
        }
      }),
    );
  });

  it('wait until they are enough, and come joined at the end of that turn of the event loop', async () => {
    const queue = new ChunkQueue();
    const count = 16;
    const streams = Array.from({ length: count }, () => new Stream());
    const lengths = (): number[][] => streams.map(({ pieces }) => pieces.map(({ length }) => length));
    const fill = (bytes: number): void => {
      for (let filled = 0; filled < bytes; filled += 1024)
        add(queue, streams[(filled / 1024) % count] as Stream, Buffer.alloc(1024, 'a'));
    };
    fill(ENOUGH - 1024);
    await nextTurn();
    expect(lengths()).toEqual(Array(count).fill([]));
    for (const text of ['b'.repeat(1024), 'c']) add(queue, streams[15] as Stream, Buffer.from(text));
    expect(lengths()).toEqual(Array(count).fill([]));
    await nextTurn();
    expect(lengths()).toEqual(streams.map((_, index) => [ENOUGH / count + (index === 15 ? 1 : 0)]));
    fill(1024);
    await nextTurn();
    queue.giveOut(streams[0] as Stream);
    expect(lengths()[0]).toEqual([ENOUGH / count, 1024]);
  });

  it('come at once when there is no room before the turn ends, and no second time then', async () => {
    const queue = new ChunkQueue();
    const stream = new Stream();
    for (let filled = 0; filled < ROOM; filled += 1024) add(queue, stream, Buffer.alloc(1024, 'a'));
    expect(stream.pieces).toEqual([]);
    add(queue, stream, Buffer.from('b'));
    expect(stream.bytes.length).toBe(ROOM);
    await nextTurn();
    expect(stream.bytes.length).toBe(ROOM);
  });

  it('find all the room again when nothing waits', () => {
    const queue = new ChunkQueue();
    const [one, other] = [new Stream(), new Stream()];
    for (let time = 0; time < 100; time++) {
      add(queue, one, Buffer.alloc(2_000));
      queue.giveOut(one);
    }
    add(queue, other, Buffer.from('a'));
    for (let filled = 0; filled < ROOM - 2_000; filled += 1_000) add(queue, one, Buffer.alloc(1_000));
    expect([one.pieces.length, other.pieces.length]).toEqual([100, 0]);
  });

  it('do not wait if they are large, nor those of the same owner before them, but the others do', () => {
    const queue = new ChunkQueue();
    const [one, other] = [new Stream(), new Stream()];
    add(queue, one, Buffer.from('a'));
    add(queue, other, Buffer.from('b'));
    add(queue, one, Buffer.alloc(LARGE, 'c'));
    expect(one.pieces.map(({ length }) => length)).toEqual([1, LARGE]);
    expect(other.pieces).toEqual([]);
  });

  it('are many at most, however small', () => {
    const queue = new ChunkQueue();
    const stream = new Stream();
    for (let index = 0; index < 20_000; index++) add(queue, stream, Buffer.from([index % 256]));
    expect(stream.pieces.map(({ length }) => length)).toEqual([8192, 8192]);
  });
});
