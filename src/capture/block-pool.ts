/**
 * Blocks of memory that are used again: each new one is memory outside of V8's heap, of which enough calls its collector, which
 * stops all streams for a moment.
 */
export class BlockPool {
  private readonly free = new Map<number, Buffer[]>();
  private freeBytes = 0;

  /** @param maxFreeBytes how much is kept for the next ones, at most. */
  constructor(private readonly maxFreeBytes: number) {}

  /** Returns a block of that size in bytes, with whatever it held before. */
  take(size: number): Buffer {
    const block = this.free.get(size)?.pop();
    if (block === undefined) return Buffer.allocUnsafeSlow(size);
    this.freeBytes -= size;
    return block;
  }

  /** Takes blocks back, which their user has no view of any more. */
  giveBack(blocks: readonly Buffer[]): void {
    for (const block of blocks) {
      if (this.freeBytes + block.length > this.maxFreeBytes) continue;
      const ofSize = this.free.get(block.length);
      if (ofSize === undefined) this.free.set(block.length, [block]);
      else ofSize.push(block);
      this.freeBytes += block.length;
    }
  }
}
