import { IncomingMessage } from 'node:http';

/** More than a client has in flight when it is refused, and enough for one that only reads when it has sent all. */
const READ_ON_BYTES = 64 * 1024 * 1024;
const READ_ON_MS = 30_000;

/**
 * Takes in, and throws away, what a client is still sending when it has already been answered: closing at once would
 * reset the connection and lose the answer. Bounded; who goes on for longer is cut off.
 */
export function readOn(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const cutOff = (): void => void request.socket.destroy();
  const timer = setTimeout(cutOff, READ_ON_MS).unref();
  let bytes = 0;
  request.unpipe();
  request.on('error', () => undefined); // the client hung up, which ends it as well
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > READ_ON_BYTES) cutOff();
  });
  request.once('close', () => {
    clearTimeout(timer);
  });
  request.resume();
}
