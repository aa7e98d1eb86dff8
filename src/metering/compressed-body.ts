import { ByteBlocks } from './byte-blocks';
import { boundedSink, Coding, decode, Decoded, inflaterOf, Sink } from './content-coding';
import { PassingDecoder } from './passing-decoder';

/** The size of a body that is kept until its end: Node's own decoder is by far the fastest for one that is there as a whole. */
const MAX_HELD = 32 * 1024;
/** The maximum size of a body that can only be kept. */
const MAX_KEPT = 8 * 1024 * 1024;

/**
 * The compressed body of a response. A short one is kept as it is and decoded at its end; a longer one is decoded as it
 * passes, if the decoder of its coding takes little memory.
 */
export class CompressedBody {
  private readonly held = new ByteBlocks(MAX_KEPT);
  private decoder: PassingDecoder | undefined;
  /** Whether it is decoded at its end, however long it gets: the decoder of its coding may take megabytes. */
  private isKept = false;

  constructor(
    private readonly coding: Coding,
    private readonly sink: Sink,
  ) {}

  /** @returns false if there is more than can be kept. */
  append(bytes: Buffer): boolean {
    if (this.decoder !== undefined) return this.decoder.append(bytes);
    if (!this.held.append(bytes)) return false;
    if (this.held.length > MAX_HELD && !this.isKept) this.decodePassing();
    return true;
  }

  /** Gives the sink what is left, and tells how far the decoding came. */
  finish(): Promise<Decoded> {
    return this.decoder?.finish() ?? decode(this.coding, this.held.take(), this.sink);
  }

  /** Frees the memory. */
  discard(): void {
    this.decoder?.destroy();
    this.held.clear();
  }

  private decodePassing(): void {
    const start = this.held.take();
    const inflater = inflaterOf(this.coding, start);
    if (inflater === undefined) {
      this.isKept = true;
      this.held.append(start);
      return;
    }
    this.decoder = new PassingDecoder(inflater, boundedSink(this.sink));
    this.decoder.append(start);
  }
}
