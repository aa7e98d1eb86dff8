import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

const OPEN = Symbol('open responses');
type Tracked = Socket & { [OPEN]?: ServerResponse[] };

/**
 * Closes every open response when its connection closes. node:http does so for the one that is being written alone:
 * responses to pipelined requests that wait behind it would never learn that nobody is there, and their upstream
 * requests would run on.
 */
export function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const open = openResponses(socket);
  open.push(response);
  response.once('close', () => void open.splice(open.indexOf(response), 1));
}

/** The responses that are open on a connection, the first in line first. */
export function openResponses(socket: Tracked): ServerResponse[] {
  const known = socket[OPEN];
  if (known !== undefined) return known;
  const open: ServerResponse[] = (socket[OPEN] = []);
  socket.once('close', () => {
    process.nextTick(() => {
      for (const response of [...open]) {
        response.destroy();
        if (!response.closed) response.emit('close');
      }
    });
  });
  return open;
}
