import { brotliCompressSync, gzipSync } from 'node:zlib';
import { decode } from './content-coding';

describe('bodies that end in one moment', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('in %s are decoded one in a turn of the event loop', async (coding, compress) => {
    const turns: number[] = [];
    let turn = 0;
    let immediate = setImmediate(next);
    function next(): void {
      turn++;
      immediate = setImmediate(next);
    }
    const bodies = Array.from({ length: 20 }, (_, index) => compress(`the answer ${index}`));
    const decoded = await Promise.all(bodies.map((body) => decode(coding, body, () => turns.push(turn))));
    clearImmediate(immediate);
    expect(decoded).toEqual(bodies.map(() => 'whole'));
    expect(new Set(turns).size).toBe(20);
  });
});
