import { ByteCollector } from './byte-collector';
import { Coding, codingOf, decode } from './content-coding';

/** How much of a compressed body is looked at, in bytes. */
interface CompressedBounds {
  readonly compressed: number;
  readonly decoded: number;
}

/**
 * Gives a reader the bytes of a request's body without its content coding: as they pass, or, of a compressed body, those of its
 * beginning when all have passed.
 */
export class PlainRequest {
  private readonly compressed: ByteCollector;
  private readonly coding: Coding | undefined | null;

  /**
   * @param contentEncoding the request's header of that name.
   * @param read takes bytes, which are valid during the call alone.
   */
  constructor(
    contentEncoding: string | undefined,
    private readonly bounds: CompressedBounds,
    private readonly read: (bytes: Buffer) => void,
  ) {
    this.coding = codingOf(contentEncoding);
    this.compressed = new ByteCollector(bounds.compressed);
  }

  chunk(chunk: Buffer): void {
    if (this.coding === undefined) this.read(chunk);
    else if (this.coding !== null)
      this.compressed.append(chunk.subarray(0, this.bounds.compressed - this.compressed.length));
  }

  /** Gives the reader what is left, when all has passed. */
  async finish(): Promise<void> {
    if (!this.coding || this.compressed.length === 0) return;
    await decode(this.coding, this.compressed.bytes(), this.read, this.bounds.decoded);
    this.compressed.clear();
  }
}
