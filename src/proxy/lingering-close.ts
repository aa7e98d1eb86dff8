import { IncomingMessage, ServerResponse } from 'node:http';

/** How much of what a refused client still sends is taken in, and for how long. */
export interface LingerBounds {
  readonly bytes: number;
  readonly ms: number;
}

/** More than a client has in flight when it is refused, and enough for one that only reads when it has sent all. */
const BOUNDS: LingerBounds = { bytes: 64 * 1024 * 1024, ms: 30_000 };

/**
 * Ends the answer to a client that may still be sending. What it sends is taken in and thrown away, within bounds: to
 * close while bytes are on their way would reset the connection and lose the answer. Where the end of the answer closes
 * the connection (HTTP/1.0, `Connection: close`), the end waits for the client's.
 */
export function lingeringClose(
  request: IncomingMessage,
  response: ServerResponse,
  lastBytes?: string,
  bounds = BOUNDS,
): void {
  const reading = linger(request, bounds);
  if (request.complete || response.shouldKeepAlive) {
    response.end(lastBytes);
    return;
  }
  if (lastBytes !== undefined) response.write(lastBytes);
  void reading.then(() => response.end());
}

/** Resolves when the client has sent all, left, or was cut off for going on too long. */
function linger(request: IncomingMessage, { bytes: most, ms }: LingerBounds): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) {
      resolve();
      return;
    }
    const cutOff = (): void => void request.socket.destroy();
    const timer = setTimeout(cutOff, ms).unref();
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    let bytes = 0;
    request.on('error', () => undefined); // the client hung up, which ends it as well
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most) cutOff();
    });
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
}
