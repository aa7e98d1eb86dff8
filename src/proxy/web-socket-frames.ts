/** The largest head of a frame: two bytes, a length of eight and a mask of four (RFC 6455 5.2). */
const MAX_HEAD = 14;
const CLOSE = 8;
/** What a control frame may carry, less the two bytes of the code (RFC 6455 5.5). */
const MAX_REASON = 123;

/** Follows the frames of one direction of a WebSocket as they pass, to know where another frame may be put between them. */
export class FrameTracker {
  private readonly head = Buffer.alloc(MAX_HEAD);
  private headBytes = 0;
  private payloadLeft = 0;
  private hasClosed = false;

  /** Whether the last frame is complete, and was not the one that closes the direction. */
  get canInsert(): boolean {
    return this.headBytes === 0 && this.payloadLeft === 0 && !this.hasClosed;
  }

  pass(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const skipped = Math.min(this.payloadLeft, chunk.length - at);
      this.payloadLeft -= skipped;
      at += skipped;
      if (at < chunk.length) this.passHead(chunk[at++] ?? 0);
    }
  }

  private passHead(byte: number): void {
    this.head[this.headBytes++] = byte;
    const [first = 0, second = 0] = this.head;
    const length = second & 0x7f;
    const lengthBytes = length < 126 ? 0 : length === 126 ? 2 : 8;
    const maskBytes = second >= 0x80 ? 4 : 0;
    if (this.headBytes < 2 + lengthBytes + maskBytes || this.headBytes < 2) return;
    this.payloadLeft = lengthBytes === 0 ? length : this.longLength(lengthBytes);
    this.hasClosed ||= (first & 0x0f) === CLOSE;
    this.headBytes = 0;
  }

  private longLength(bytes: 2 | 8): number {
    return bytes === 2 ? this.head.readUInt16BE(2) : Number(this.head.readBigUInt64BE(2));
  }
}

/**
 * Returns the frame with which a server closes a WebSocket.
 * @param reason is cut to what a frame can carry.
 */
export function closeFrame(code: number, reason: string): Buffer {
  const cut = Buffer.from(reason)
    .subarray(0, MAX_REASON)
    .toString()
    .replace(/\uFFFD$/, ''); // half a character
  const text = Buffer.from(cut);
  const head = Buffer.from([0x80 | CLOSE, 2 + text.length, code >> 8, code & 0xff]);
  return Buffer.concat([head, text]);
}
