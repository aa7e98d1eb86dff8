import * as fc from 'fast-check';
import { ChunkCollector } from './chunk-collector';

const SLOT_BYTES = 4096;

/** A collector with what was appended to it. */
interface Filled {
  readonly collector: ChunkCollector;
  taken: Buffer[];
}

function append({ collector, taken }: Filled, chunk: Buffer): boolean {
  collector.makeRoom();
  const isTaken = collector.append(chunk);
  if (isTaken) taken.push(Buffer.from(chunk));
  chunk.fill(0); // chunks belong to the stream
  return isTaken;
}

describe('the chunks of many streams', () => {
  it('have no room before it is made, and after it was freed', () => {
    const collector = new ChunkCollector();
    expect(collector.append(Buffer.from('a'))).toBe(false);
    collector.makeRoom();
    expect(collector.append(Buffer.from('b'))).toBe(true);
    collector.makeRoom(); // there is
    expect(collector.bytes().toString()).toBe('b');
    collector.release();
    expect(collector.append(Buffer.from('c'))).toBe(false);
    expect(collector.bytes()).toHaveLength(0);
  });

  it('are kept apart, whoever comes and goes, and there is room for 4 KiB of each', () => {
    const steps = fc.array(
      fc.record({
        stream: fc.nat({ max: 199 }),
        length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(4095, 4096, 4097)),
        then: fc.constantFrom('go on', 'go on', 'go on', 'empty', 'release'),
      }),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const streams = Array.from({ length: 200 }, (): Filled => ({
          collector: new ChunkCollector(),
          taken: [],
        }));
        for (const [index, { stream, length, then }] of all.entries()) {
          const filled = streams[stream] as Filled;
          const before = filled.taken.reduce((sum, one) => sum + one.length, 0);
          expect(append(filled, Buffer.alloc(length, index + 1))).toBe(before + length <= SLOT_BYTES);
          if (then === 'go on') continue;
          filled.collector[then]();
          filled.taken = [];
        }
        for (const { collector, taken } of streams) {
          expect(collector.bytes().equals(Buffer.concat(taken))).toBe(true);
          collector.release();
          collector.release(); // of nothing, which is another one's by now
        }
      }),
    );
  });
});
