import { hashesAtOnce } from './hash-threads';

describe('hashesAtOnce', () => {
  it.each<[string | undefined, number, number]>([
    [undefined, 1, 1],
    [undefined, 2, 2],
    [undefined, 64, 2],
    ['', 64, 2],
    ['1', 64, 1],
    ['2', 64, 1],
    ['3', 64, 1],
    ['8', 64, 4],
    ['8', 2, 2],
    ['128', 16, 16],
    ['99999', 1024, 512], // libuv's maximum is 1,024 threads
    ['0', 64, 1],
    ['none', 64, 1],
    ['-1', 64, 1],
    [' 16 threads', 64, 8],
  ])('UV_THREADPOOL_SIZE=%s on %i processors: %i', (poolSize, processors, expected) => {
    expect(hashesAtOnce(poolSize, processors)).toBe(expected);
  });
});
