import { ByteBlocks } from './byte-blocks';
import {
  boundedSink,
  Coding,
  decode,
  decodeAtOnce,
  Decoded,
  InflatedCoding,
  inflaterOf,
  isInflated,
  Sink,
} from './content-coding';
import { PassingDecoder } from './passing-decoder';

/** The size of a body that is kept until its end: Node's own decoder is by far the fastest for one that is there as a whole. */
const MAX_HELD = 8 * 1024;
/** The maximum number of bytes that such a body is decoded to in one go. */
const MAX_AT_ONCE = 1024 * 1024;
/** The maximum size of a body that can only be kept. */
const MAX_KEPT = 8 * 1024 * 1024;

/**
 * The compressed body of a response. A short one is kept as it is and decoded at its end; a longer one is decoded as it passes, if
 * the decoder of its coding takes little memory, and so is what is damaged: up to the fault.
 */
export class CompressedBody {
  private readonly held = new ByteBlocks(MAX_KEPT);
  private decoder: PassingDecoder | undefined;

  constructor(
    private readonly coding: Coding,
    private readonly sink: Sink,
  ) {}

  /** @returns false if there is more than can be kept. */
  append(bytes: Buffer): boolean {
    const { coding, held } = this;
    if (this.decoder !== undefined) return this.decoder.append(bytes);
    if (!held.append(bytes)) return false;
    if (held.length > MAX_HELD && isInflated(coding)) this.decodePassing(coding, held.take());
    return true;
  }

  /** Gives the sink what is left, and tells how far the decoding came. */
  async finish(): Promise<Decoded> {
    const { coding, sink } = this;
    if (this.decoder !== undefined) return this.decoder.finish();
    const bytes = this.held.take();
    if (!isInflated(coding)) return decode(coding, bytes, sink);
    if (await decodeAtOnce(coding, bytes, sink, MAX_AT_ONCE)) return 'whole';
    return this.decodePassing(coding, bytes).finish();
  }

  /** Frees the memory. */
  discard(): void {
    this.decoder?.destroy();
    this.held.clear();
  }

  private decodePassing(coding: InflatedCoding, start: Buffer): PassingDecoder {
    this.decoder = new PassingDecoder(inflaterOf(coding, start), boundedSink(this.sink));
    this.decoder.append(start);
    return this.decoder;
  }
}
