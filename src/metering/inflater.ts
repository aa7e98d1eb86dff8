import { InflateFormat, ZlibStream } from './zlib-module';

const GZIP_MAGIC = 0x1f;
/** zlib's statuses: there is more to decode, the end, and neither bytes nor room for any. */
const OK = 0;
const STREAM_END = 1;
const BUF_ERROR = -5;

/**
 * Decodes gzip or deflate in pieces, in the calling thread: zlib in WebAssembly, since Node's own decodes pieces in the thread pool
 * alone, where each takes memory outside of V8's heap, whose collector then stops all streams. It takes about 44 KB until it is released.
 */
export class Inflater {
  /** `ended` is behind the last byte that counts, `damaged` behind a fault: what comes then is not decoded. */
  state: 'open' | 'ended' | 'damaged' = 'open';
  /** Undefined once it has been released. */
  private stream: ZlibStream | undefined;
  /** Whether a member of gzip has ended, which another one may follow. */
  private isBetweenMembers = false;

  constructor(private readonly format: InflateFormat) {
    this.stream = new ZlibStream(format);
  }

  /**
   * Decodes bytes until there are none left, or about that many are taken or decoded.
   * @param sink takes decoded bytes, which are valid during the call alone; false ends the decoding. It may release the inflater.
   * @returns how many of the bytes were taken, and whether there may be more to decode.
   */
  inflate(
    bytes: Uint8Array,
    limit: number,
    sink: (bytes: Buffer) => boolean,
  ): [taken: number, isMore: boolean] {
    let taken = 0;
    let isMore = true;
    for (let done = 0; isMore && done < limit;) {
      const { stream } = this;
      if (stream === undefined || !this.isOpen(stream, bytes[taken])) return [taken, false];
      const status = stream.step(bytes, taken);
      const { taken: more, given, isFull } = stream;
      taken += more;
      done += Math.max(more, given); // a member of gzip takes its time although it is empty
      if (given > 0 && !sink(stream.decoded())) this.state = 'ended';
      isMore = this.goesOn(status) && (isFull || taken < bytes.length);
    }
    return [taken, isMore];
  }

  /** Ends the decoding, and frees the memory. */
  release(): void {
    this.stream?.release();
    this.stream = undefined;
    this.state = 'ended';
  }

  /** Tells whether there is something to decode: behind a member of gzip, whether another one begins with this byte. */
  private isOpen(stream: ZlibStream, next: number | undefined): boolean {
    if (this.state !== 'open' || !this.isBetweenMembers) return this.state === 'open';
    if (next === undefined) return false;
    this.isBetweenMembers = false;
    if (this.format === 'gzip' && next === GZIP_MAGIC) stream.reset();
    else this.state = 'ended'; // zeros that fill a block up, or what is not to be read
    return this.state === 'open';
  }

  private goesOn(status: number): boolean {
    if (this.state !== 'open') return false;
    if (status === STREAM_END) this.isBetweenMembers = true;
    else if (status !== OK && status !== BUF_ERROR) this.state = 'damaged';
    return this.state === 'open';
  }
}
