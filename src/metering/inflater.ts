import { crc32 } from 'node:zlib';
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
const WINDOW_BITS = { gzip: 15 + 16, zlib: 15, bare: -15 };
export type InflateFormat = keyof typeof WINDOW_BITS;

const GZIP_MAGIC = 0x1f;
/** The bytes at the end of a member of gzip: the checksum of what it decodes to, and its length. */
const TRAILER_BYTES = 8;
/** The bit of zlib's state that says whether it verifies checksums. */
const VERIFIES = 4;
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
  private readonly isGzip: boolean;
  /** Whether a member of gzip has ended, which another one may follow. */
  private isBetweenMembers = false;
  /** The checksum and the length of what the member of gzip has decoded to. */
  private checksum = 0;
  private length = 0;
  /** The last bytes that were taken. */
  private readonly last = new Uint8Array(TRAILER_BYTES);
  /** How many bytes of the input are in `last`, or lie before those. */
  private seen = 0;

  constructor(format: InflateFormat) {
    const stream = STREAMS.take();
    zlibInflateReset2(stream, WINDOW_BITS[format]);
    this.stream = stream;
    this.isGzip = format === 'gzip';
    if (this.isGzip) stateOf(stream).wrap &= ~VERIFIES; // this class verifies it, with the checksum of Node
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
    this.seen = 0;
    let isMore = true;
    for (let decoded = 0; isMore && decoded < limit; decoded += stream.next_out)
      isMore = this.step(stream, sink);
    this.keepLast(stream);
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
    if (stream.next_out > 0) this.give(output.subarray(0, stream.next_out), sink);
    if (status === Z_STREAM_END) return this.endMember(stream);
    if (status !== Z_OK && status !== Z_BUF_ERROR) this.state = 'damaged';
    return this.state === 'open' && stream.avail_out === 0;
  }

  private give(decoded: Buffer, sink: (bytes: Buffer) => boolean): void {
    if (this.isGzip) {
      this.checksum = crc32(decoded, this.checksum);
      this.length += decoded.length;
    }
    if (!sink(decoded)) this.state = 'ended';
  }

  /** @returns whether another member may follow. */
  private endMember(stream: ZStream): boolean {
    this.isBetweenMembers = true;
    if (!this.isGzip || this.state !== 'open') return this.state === 'open';
    this.keepLast(stream);
    const trailer = new DataView(this.last.buffer);
    const isIntact =
      trailer.getUint32(0, true) === this.checksum && trailer.getUint32(4, true) === this.length % 2 ** 32;
    if (!isIntact) this.state = 'damaged';
    this.checksum = this.length = 0;
    return isIntact;
  }

  /** Keeps the last bytes that were taken: the end of a member may come in two pieces. */
  private keepLast({ input, next_in: taken }: ZStream): void {
    const newer = input.subarray(Math.max(this.seen, taken - TRAILER_BYTES), taken);
    this.last.copyWithin(0, newer.length);
    this.last.set(newer, TRAILER_BYTES - newer.length);
    this.seen = taken;
  }

  private beginMember(stream: ZStream): boolean {
    if (stream.avail_in === 0) return false;
    this.isBetweenMembers = false;
    if (this.isGzip && stream.input[stream.next_in] === GZIP_MAGIC) zlibInflateReset(stream);
    else this.state = 'ended'; // zeros that fill a block up, or what is not to be read
    return this.state === 'open';
  }
}

function newStream(): ZStream {
  const stream = new ZStream();
  stream.output = output;
  zlibInflateInit2(stream, WINDOW_BITS.gzip);
  return stream;
}

/** Returns what the decoder's types leave open: as in zlib, where another function changes it. */
function stateOf(stream: ZStream): { wrap: number } {
  return stream.state as { wrap: number };
}
