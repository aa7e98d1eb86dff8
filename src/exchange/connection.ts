import { Socket } from 'node:net';
import type { Exchange } from './exchange';

const OPEN = Symbol('open exchanges');
type Tracked = Socket & { [OPEN]?: Exchange[] };

/**
 * Returns the open exchanges of a connection, in the order of their requests. All of them end when the connection closes:
 * node:http closes only the response that is being written, so requests queued behind it (pipelining) would never learn that
 * the client has disconnected, and their upstream requests would keep running.
 */
export function exchangesOn(socket: Tracked): readonly Exchange[] {
  return socket[OPEN] ?? [];
}

/** Registers an exchange on its connection; the connection's only `close` listener is added with the first one. */
export function addToConnection(exchange: Exchange): void {
  const socket: Tracked = exchange.request.socket;
  const known = socket[OPEN];
  if (known !== undefined) {
    known.push(exchange);
    return;
  }
  const open = (socket[OPEN] = [exchange]);
  socket.once('close', () => {
    // After node:http's own listener, which still has to decide whether the response that was being written is complete.
    process.nextTick(() => {
      for (const one of [...open]) {
        one.response.destroy();
        one.end();
      }
    });
  });
}

export function removeFromConnection(exchange: Exchange): void {
  const open = (exchange.request.socket as Tracked)[OPEN];
  open?.splice(open.indexOf(exchange), 1);
}
