import { Socket } from 'node:net';
import type { Exchange } from './exchange';

const OPEN = Symbol('open exchanges');
type Tracked = Socket & { [OPEN]?: Exchange[] };

/**
 * The exchanges that are open on a connection, the first in line first. All of them end when it closes: node:http closes
 * the response that is being written and no other, so requests that wait behind it (pipelining) would never learn that
 * nobody is there, and their upstream requests would run on.
 */
export function exchangesOn(socket: Tracked): readonly Exchange[] {
  return socket[OPEN] ?? [];
}

export function addToConnection(exchange: Exchange): void {
  const socket: Tracked = exchange.request.socket;
  const known = socket[OPEN];
  if (known !== undefined) {
    known.push(exchange);
    return;
  }
  const open = (socket[OPEN] = [exchange]);
  socket.once('close', () => {
    // Behind node:http, which still has to say whether the response that was being written is whole.
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
