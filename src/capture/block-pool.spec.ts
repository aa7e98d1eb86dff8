import { BlockPool } from './block-pool';

describe('blocks that are used again', () => {
  it('are those of the wanted size, each of them once', () => {
    const pool = new BlockPool(100_000);
    const [small, large] = [pool.take(4_096), pool.take(8_192)];
    pool.giveBack([small, large]);
    expect(pool.take(8_192)).toBe(large);
    const other = pool.take(8_192);
    expect(other).not.toBe(large);
    expect(other).toHaveLength(8_192);
    expect(pool.take(4_096)).toBe(small);
  });

  it('are kept up to the maximum, and those beyond it are not', () => {
    const pool = new BlockPool(10_000);
    const blocks = [pool.take(4_096), pool.take(4_096), pool.take(4_096)];
    pool.giveBack(blocks);
    const again = [pool.take(4_096), pool.take(4_096), pool.take(4_096)];
    expect(blocks.filter((block) => again.includes(block))).toHaveLength(2);
    pool.giveBack(again);
    expect(pool.take(4_096)).toBe(again[1]);
  });
});
