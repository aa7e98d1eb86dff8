import { Socket } from 'node:net';

/** How much is read ahead of a client, in bytes; whatever it sends beyond waits on its side. */
const MAX_BYTES = 256 * 1024;

const EARLY = Symbol('early bytes');
type Reading = Socket & { [EARLY]?: EarlyBytes | undefined };

/**
 * What a client sends behind its handshake before that is answered. It is read ahead, since a socket with unread bytes does
 * not tell that the client has left.
 */
class EarlyBytes {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly socket: Socket) {
    socket.on('data', this.keep);
  }

  readonly keep = (chunk: Buffer): void => {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes >= MAX_BYTES) this.socket.pause();
  };

  giveBack(): void {
    this.socket.off('data', this.keep).pause();
    if (this.bytes > 0) this.socket.unshift(Buffer.concat(this.chunks));
  }
}

/**
 * Begins to read ahead.
 * @param head the bytes that came in one packet with the handshake.
 */
export function readAhead(socket: Reading, head: Buffer): void {
  const early = (socket[EARLY] = new EarlyBytes(socket));
  if (head.length > 0) early.keep(head);
}

/** Puts what was read ahead back in front of what comes next, and leaves the socket paused. */
export function stopReadingAhead(socket: Reading): void {
  socket[EARLY]?.giveBack();
  socket[EARLY] = undefined;
}
