import * as fc from 'fast-check';
import { ByteBlocks } from './byte-blocks';

describe('bytes in blocks', () => {
  it('are those that were appended, whatever their sizes, up to the limit', () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(4095, 4096, 4097, 20_000)),
    );
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 60_000 }), (lengths, limit) => {
        const blocks = new ByteBlocks(limit);
        const taken: Buffer[] = [];
        for (const [index, length] of lengths.entries()) {
          const chunk = Buffer.alloc(length, index);
          const before = blocks.length;
          const isTaken = blocks.append(chunk);
          expect(isTaken).toBe(before + length <= limit);
          if (isTaken) taken.push(Buffer.from(chunk));
          chunk.fill(0xff); // chunks belong to the stream
        }
        expect(blocks.take().equals(Buffer.concat(taken))).toBe(true);
        expect(blocks.length).toBe(0);
      }),
    );
  });
});
