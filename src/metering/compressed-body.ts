import { ByteBlocks } from './byte-blocks';
import { boundedSink, Coding, decode, Decoded, isInflated, Sink } from './content-coding';
import { PassingDecoder } from './passing-decoder';

/** The maximum size of a body that can only be kept. */
const MAX_KEPT = 8 * 1024 * 1024;

/**
 * The compressed body of a response. It is decoded as it passes if the decoder of its coding takes little memory, else kept as it is
 * and decoded at its end.
 */
export class CompressedBody {
  private readonly held = new ByteBlocks(MAX_KEPT);
  private readonly decoder: PassingDecoder | undefined;

  constructor(
    private readonly coding: Coding,
    private readonly sink: Sink,
  ) {
    if (isInflated(coding)) this.decoder = new PassingDecoder(coding, boundedSink(sink));
  }

  /** @returns false if there is more than can be kept. */
  append(bytes: Buffer): boolean {
    return this.decoder?.append(bytes) ?? this.held.append(bytes);
  }

  /** Gives the sink what is left, and tells how far the decoding came. */
  async finish(): Promise<Decoded> {
    return this.decoder?.finish() ?? decode(this.coding, this.held.take(), this.sink);
  }

  /** Frees the memory. */
  discard(): void {
    this.decoder?.destroy();
    this.held.clear();
  }
}
