import {
  Z_BUF_ERROR,
  Z_OK,
  Z_STREAM_END,
  Z_SYNC_FLUSH,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
  zlibInflateReset2,
} from 'pako';
import { Spares } from './spares';

/** The formats of compressed bytes, as zlib's window bits: with the header of gzip or zlib, or without one. */
const WINDOW_BITS = { headed: 15 + 32, bare: -15 };
export type InflateFormat = keyof typeof WINDOW_BITS;

const GZIP_MAGIC = 0x1f;
const NOTHING = new Uint8Array(0);

/** What is decoded, until the sink has taken it. It is that of all inflaters: none of them waits while it is in use. */
const output = Buffer.allocUnsafeSlow(16 * 1024);

/** The states of zlib that no body uses, 42 KB each. */
const STREAMS = new Spares(newStream, 128);

/**
 * Decodes gzip or deflate in pieces, in the calling thread: zlib in JavaScript, since Node's own decodes pieces in the thread pool
 * alone, where each takes memory outside of V8's heap, whose collector then stops all streams. It takes about 42 KB.
 */
export class Inflater {
  /** `ended` is behind the last byte that counts, `damaged` behind a fault: what comes then is not decoded. */
  state: 'open' | 'ended' | 'damaged' = 'open';
  /** Undefined once it has been left to another one. */
  private stream: ZStream | undefined;
  /** Whether a member of gzip has ended, which another one may follow. */
  private isBetweenMembers = false;

  constructor(format: InflateFormat) {
    const stream = STREAMS.take();
    zlibInflateReset2(stream, WINDOW_BITS[format]);
    this.stream = stream;
  }

  /**
   * Decodes bytes until there are none left, or about that many are decoded.
   * @param sink takes decoded bytes, which are valid during the call alone; false ends the decoding.
   * @returns how many of the bytes were taken, and whether there may be more to decode.
   */
  inflate(
    bytes: Uint8Array,
    limit: number,
    sink: (bytes: Buffer) => boolean,
  ): [taken: number, isMore: boolean] {
    const { stream } = this;
    if (stream === undefined) return [0, false];
    stream.input = bytes;
    stream.next_in = 0;
    stream.avail_in = bytes.length;
    let isMore = true;
    for (let decoded = 0; isMore && decoded < limit; decoded += stream.next_out)
      isMore = this.step(stream, sink);
    stream.input = NOTHING;
    return [stream.next_in, isMore];
  }

  /** Ends the decoding, and leaves the memory to another one. */
  release(): void {
    if (this.stream !== undefined) STREAMS.giveBack(this.stream);
    this.stream = undefined;
    this.state = 'ended';
  }

  /** @returns whether there may be more to decode of the bytes. */
  private step(stream: ZStream, sink: (bytes: Buffer) => boolean): boolean {
    stream.next_out = 0;
    stream.avail_out = output.length;
    if (this.state !== 'open' || (this.isBetweenMembers && !this.beginMember(stream))) return false;
    const status = zlibInflate(stream, Z_SYNC_FLUSH);
    if (stream.next_out > 0 && !sink(output.subarray(0, stream.next_out))) this.state = 'ended';
    if (status === Z_STREAM_END) {
      this.isBetweenMembers = true;
      return true;
    }
    if (status !== Z_OK && status !== Z_BUF_ERROR) this.state = 'damaged';
    return this.state === 'open' && stream.avail_out === 0;
  }

  private beginMember(stream: ZStream): boolean {
    if (stream.avail_in === 0) return false;
    this.isBetweenMembers = false;
    if (stream.input[stream.next_in] === GZIP_MAGIC) zlibInflateReset(stream);
    else this.state = 'ended'; // zeros that fill a block up, or what is not to be read
    return this.state === 'open';
  }
}

function newStream(): ZStream {
  const stream = new ZStream();
  stream.output = output;
  zlibInflateInit2(stream, WINDOW_BITS.headed);
  return stream;
}
