import { Server } from 'node:http';
import { Socket } from 'node:net';
import { Logger } from 'pino';

/** How often the log says that connections are refused. */
const SAID_EVERY_MS = 60_000;

const REFUSAL = [
  'HTTP/1.1 503 Service Unavailable',
  'content-type: text/plain; charset=utf-8',
  'content-length: 61',
  'retry-after: 1',
  'connection: close',
  '',
  'The server has too many connections. Try again in a moment.\r\n',
].join('\r\n');

/**
 * Refuses connections above a maximum, so that whoever opens them by the thousand does not take all of the process's file
 * descriptors from everybody else. Not by `server.maxConnections`: it closes without a word, and a worker would hand the
 * connection back to a primary that offers it again, for as long as all workers are full.
 * @param max the number of connections that may be open at once in this process; undefined for no maximum.
 */
export function limitConnections(server: Server, max: number | undefined, logger: Logger): void {
  if (max === undefined) return;
  let open = 0;
  let refused = 0;
  let saidAt = -Infinity;

  const refuse = (socket: Socket): void => {
    refused += 1;
    socket.on('error', () => undefined); // it may be gone already
    socket.write(REFUSAL);
    socket.destroySoon();
    if (performance.now() - saidAt < SAID_EVERY_MS) return;
    saidAt = performance.now();
    logger.warn(
      { max_connections: max, refused },
      'Connections are refused: as many are open as TRACEVAULT_MAX_CONNECTIONS allows',
    );
  };

  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection'); // node:http's own would read a request from a connection that is refused
  server.on('connection', (socket: Socket) => {
    if (open >= max) {
      refuse(socket);
      return;
    }
    open += 1;
    socket.once('close', () => (open -= 1));
    for (const listener of listeners) listener.call(server, socket);
  });
}
