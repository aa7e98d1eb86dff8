import { Server } from 'node:http';
import { Socket } from 'node:net';
import { Logger } from 'pino';

/** The minimum interval between log lines about refused connections, in milliseconds. */
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
 * Refuses connections above a maximum with 503, so that one client that opens thousands of them can't use up the process's
 * file descriptors. `server.maxConnections` does not do: it closes connections without a response, and a worker would hand
 * the connection back to the primary, which would offer it again for as long as all workers are full.
 * @param max the maximum number of open connections in this process; undefined for no maximum.
 */
export function limitConnections(server: Server, max: number | undefined, logger: Logger): void {
  if (max === undefined) return;
  let open = 0;
  let refused = 0;
  let saidAt = -Infinity;

  const refuse = (socket: Socket): void => {
    refused += 1;
    socket.on('error', () => undefined); // the client may have disconnected already
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
  server.removeAllListeners('connection'); // node:http's own listener would read requests from refused connections
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
