const BLOCK_BYTES = 4 * 1024;

/**
 * A growing copy of bytes, in blocks: one buffer would be copied into a larger one again and again, by streams of one pace in the
 * same moment.
 */
export class ByteBlocks {
  private blocks: Buffer[] = [];
  /** The number of bytes of the last block that are not in use. */
  private free = 0;
  length = 0;

  constructor(private readonly maxLength: number) {}

  /** @returns false, and appends nothing, if the limit would be exceeded. */
  append(bytes: Buffer): boolean {
    if (this.length + bytes.length > this.maxLength) return false;
    for (let at = 0; at < bytes.length;) {
      const last = this.blocks.at(-1);
      if (last === undefined || this.free === 0) {
        this.blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
        this.free = BLOCK_BYTES;
        continue;
      }
      const copied = bytes.copy(last, BLOCK_BYTES - this.free, at);
      this.free -= copied;
      at += copied;
    }
    this.length += bytes.length;
    return true;
  }

  /** Returns all bytes, in a buffer of their own, and frees the memory. */
  take(): Buffer {
    const all = Buffer.concat(this.blocks, this.length);
    this.clear();
    return all;
  }

  /** Frees the memory. */
  clear(): void {
    this.blocks = [];
    this.free = 0;
    this.length = 0;
  }
}
