import { Transform } from 'node:stream';
import { ByteCollector } from './byte-collector';
import { BoundedSink, Decoded } from './content-coding';
import { turnOfItsOwn } from './turns';

/** Compressed bytes that wait for each other, since a piece is a turn of the thread pool; of a piece with a fault nothing is decoded. */
const SMALL_PIECE = 8 * 1024;
const LARGE_PIECE = 64 * 1024;
/** The maximum number of compressed bytes that wait, if they come faster than they can be decoded. */
const MAX_WAITING = 8 * 1024 * 1024;

/** Decodes a body of any length while it passes, in the thread pool, so that hardly any of it is kept. */
export class PassingDecoder {
  private waiting = new ByteCollector(MAX_WAITING);
  /** The bytes that are being decoded. Their memory is that of the next ones: memory outside of V8's heap calls its collector. */
  private taken = new ByteCollector(MAX_WAITING);
  private readonly decoded: Promise<Decoded>;
  private isBusy = false;

  constructor(
    private readonly stream: Transform,
    sink: BoundedSink,
  ) {
    this.decoded = new Promise((resolve) => {
      stream.on('data', (bytes: Buffer) => {
        if (!sink(bytes)) stream.destroy();
      });
      stream.on('error', () => resolve('damaged'));
      stream.once('end', () => resolve('whole'));
      stream.once('close', () => resolve('unreadable')); // behind one of the others, unless it was destroyed
    });
  }

  /** @returns false if the bytes come faster than they can be decoded. */
  append(bytes: Buffer): boolean {
    if (this.stream.destroyed) return true; // what comes behind a fault is not read
    if (!this.waiting.append(bytes)) return false;
    if (this.waiting.length >= SMALL_PIECE) this.write();
    return true;
  }

  /** Decodes what is left, and tells how far it all came. Of many that end in one moment each begins in a turn of its own. */
  async finish(): Promise<Decoded> {
    await turnOfItsOwn();
    if (!this.stream.destroyed) this.stream.end(this.waiting.bytes());
    return this.decoded;
  }

  destroy(): void {
    this.stream.destroy();
    this.waiting.clear();
  }

  private write(): void {
    if (this.isBusy || this.stream.destroyed) return;
    this.isBusy = true;
    [this.taken, this.waiting] = [this.waiting, this.taken];
    const bytes = this.taken.bytes();
    const size = bytes.length > LARGE_PIECE ? LARGE_PIECE : SMALL_PIECE;
    for (let at = 0; at < bytes.length; at += size) {
      const isLast = at + size >= bytes.length;
      this.stream.write(bytes.subarray(at, at + size), isLast ? () => this.goOn() : undefined);
    }
  }

  private goOn(): void {
    this.isBusy = false;
    if (this.taken.length > 2 * SMALL_PIECE) this.taken.clear();
    else this.taken.truncate(0);
    if (this.waiting.length >= SMALL_PIECE && !this.stream.writableEnded) this.write();
  }
}
