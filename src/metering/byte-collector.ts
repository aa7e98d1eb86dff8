const FIRST_CAPACITY = 256;

/**
 * A growing copy of bytes in one buffer of its own: kept chunks would keep the much larger buffers alive that they are
 * parts of.
 */
export class ByteCollector {
  private buffer = Buffer.alloc(0);
  length = 0;

  constructor(private readonly maxLength: number) {}

  /** @returns false, and appends nothing, if the limit would be exceeded. */
  append(bytes: Buffer): boolean {
    if (!this.reserve(bytes.length)) return false;
    this.buffer.set(bytes, this.length); // without the checks of Buffer.copy: it is called for each event of a stream
    this.length += bytes.length;
    return true;
  }

  /** Appends the bytes that a text holds as Latin-1 characters. */
  appendLatin1(text: string): boolean {
    if (!this.reserve(text.length)) return false;
    this.length += this.buffer.write(text, this.length, 'latin1');
    return true;
  }

  /** Removes all bytes behind the first ones. */
  truncate(length: number): void {
    this.length = length;
  }

  /** Returns the bytes, which are valid until the next change. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Frees the memory. */
  clear(): void {
    this.buffer = Buffer.alloc(0);
    this.length = 0;
  }

  private reserve(count: number): boolean {
    const needed = this.length + count;
    if (needed > this.maxLength) return false;
    if (needed > this.buffer.length) {
      const capacity = Math.max(needed, FIRST_CAPACITY, Math.ceil(this.buffer.length * 1.5));
      const grown = Buffer.allocUnsafeSlow(Math.min(capacity, this.maxLength));
      this.buffer.copy(grown, 0, 0, this.length);
      this.buffer = grown;
    }
    return true;
  }
}
