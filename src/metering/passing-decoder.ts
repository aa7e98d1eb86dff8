import { ByteCollector } from './byte-collector';
import { BoundedSink, decodeAtOnce, Decoded, InflatedCoding, inflaterOf } from './content-coding';
import { Inflater } from './inflater';
import { Spares } from './spares';
import { turnOfItsOwn } from './turns';

/** The number of compressed bytes from which on they are decoded: a decoder's memory is gone from the processor's caches between two pieces. */
const PIECE = 16 * 1024;
/** The maximum number of bytes that a body of no more than one piece is decoded to in one go. */
const MAX_AT_ONCE = 1024 * 1024;
/** The maximum number of compressed bytes that wait, if they come faster than they can be decoded. */
const MAX_WAITING = 8 * 1024 * 1024;
/** Decoded bytes after which other work gets its turn: a few compressed ones can be millions. */
const MAX_IN_ONE_TURN = 256 * 1024;
/** The memory of waiting bytes that no body uses, 48 KB each at most. */
const COLLECTORS = new Spares(() => new ByteCollector(MAX_WAITING), 256);
const NOTHING = Buffer.alloc(0);

/**
 * Decodes a body of any length while it passes, so that hardly any of it is kept. One of a single piece is decoded at its end, by
 * Node's own decoder, which is by far the fastest for what is there as a whole; if it is damaged, up to the fault.
 */
export class PassingDecoder {
  /** The bytes that wait; undefined if there are none. */
  private waiting: ByteCollector | undefined;
  /** The bytes that are being decoded, and how many of them are. */
  private piece: ByteCollector | undefined;
  private taken = 0;
  private inflater: Inflater | undefined;
  /** The decoding of what waits, in turns of its own: the bytes themselves are on their way before. */
  private rest: Promise<unknown> | undefined;
  private isTooLong = false;
  private state: 'open' | 'failed' | 'destroyed' = 'open';

  constructor(
    private readonly coding: InflatedCoding,
    private readonly sink: BoundedSink,
  ) {}

  /** @returns false if the bytes come faster than they can be decoded. */
  append(bytes: Buffer): boolean {
    if (this.state !== 'open' || (this.inflater?.state ?? 'open') !== 'open') return true; // what comes behind a fault is not read
    const waiting = (this.waiting ??= COLLECTORS.take());
    if (!waiting.append(bytes)) return false;
    if (waiting.length > PIECE) this.rest ??= this.decodeRest().catch(() => this.close('failed'));
    return true;
  }

  /** Decodes what is left, and tells how far it all came. */
  async finish(): Promise<Decoded> {
    try {
      await this.rest;
      if (this.state === 'open') await this.decodeEnd();
      if (this.isTooLong) return 'unreadable';
      return this.state === 'failed' || this.inflater?.state === 'damaged' ? 'damaged' : 'whole';
    } finally {
      this.release();
    }
  }

  /** Ends the decoding: nothing more is given out, also in the middle of a turn. */
  destroy(): void {
    this.close('destroyed');
  }

  private close(state: 'failed' | 'destroyed'): void {
    this.state = state;
    this.inflater?.release();
    this.waiting = undefined; // Node's decoder may be reading it
  }

  private async decodeEnd(): Promise<void> {
    if (this.inflater !== undefined || !(await this.decodeWhole())) await this.decodeRest();
  }

  /** @returns false if it has to be decoded in pieces: nothing of it has been given out then. */
  private decodeWhole(): Promise<boolean> {
    return decodeAtOnce(this.coding, this.bytes, (decoded) => this.give(decoded), MAX_AT_ONCE);
  }

  private async decodeRest(): Promise<void> {
    const inflater = (this.inflater ??= inflaterOf(this.coding, this.bytes));
    do await turnOfItsOwn();
    while (this.decodeOneTurn(inflater));
    this.rest = undefined;
  }

  /** @returns whether there is more to decode. */
  private decodeOneTurn(inflater: Inflater): boolean {
    if (this.piece === undefined) [this.piece, this.waiting] = [this.waiting, undefined];
    const bytes = this.piece?.bytes().subarray(this.taken) ?? NOTHING;
    const [taken, isMore] = inflater.inflate(bytes, MAX_IN_ONE_TURN, (decoded) => this.give(decoded));
    this.taken += taken;
    if (isMore) return true;
    this.releasePiece();
    return this.waiting !== undefined;
  }

  /** The bytes that wait. */
  private get bytes(): Buffer {
    return this.waiting?.bytes() ?? NOTHING;
  }

  private give(decoded: Buffer): boolean {
    this.isTooLong ||= !this.sink(decoded);
    return !this.isTooLong;
  }

  /** Leaves the memory to another body, and takes nothing more. */
  private release(): void {
    this.releasePiece();
    giveBack(this.waiting);
    this.close('destroyed');
  }

  /** Leaves the memory of the piece to the next one, which may be another body's. */
  private releasePiece(): void {
    giveBack(this.piece);
    this.piece = undefined;
    this.taken = 0;
  }
}

/** Leaves a collector to another body; its memory as well, unless there is much in it. */
function giveBack(collector: ByteCollector | undefined): void {
  if (collector === undefined) return;
  if (collector.length > 2 * PIECE) collector.clear();
  else collector.truncate(0);
  COLLECTORS.giveBack(collector);
}
