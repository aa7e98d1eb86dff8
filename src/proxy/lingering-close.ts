import { IncomingMessage, ServerResponse } from 'node:http';

/** How many bytes a refused client may still send before it is cut off, and for how many milliseconds. */
export interface LingerBounds {
  readonly bytes: number;
  readonly ms: number;
}

/** The default bounds: more than a client has in flight, and enough for one that reads only after sending its whole body. */
const BOUNDS: LingerBounds = { bytes: 64 * 1024 * 1024, ms: 30_000 };

/**
 * Ends the response to a client that may still be sending. The rest of the request is read and discarded, within bounds:
 * closing while bytes are in flight would reset the connection and lose the response. Where the end of the response closes
 * the connection (HTTP/1.0, `Connection: close`), the response is ended only after the request has been.
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

/** Resolves when the client has sent the whole request, has disconnected, or was cut off for exceeding the bounds. */
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
    request.on('error', () => undefined); // the client hung up; 'close' follows and resolves
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most) cutOff();
    });
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
}
