import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { readAhead } from '../exchange/early-bytes';

/**
 * Creates the class of requests for a server that takes up some upgrades. node:http hands every request with an upgrade over
 * to a server with an `upgrade` listener, unless the request's own `upgrade` says no: the others stay requests, with their
 * bodies and their order. (`shouldUpgradeCallback` would do the same, from Node 22.21 on.)
 * @param isTakenUp decides it once for each request that asks for an upgrade.
 */
export function switchingRequest(isTakenUp: (request: IncomingMessage) => boolean): typeof IncomingMessage {
  return class extends IncomingMessage {
    private isAsked: boolean | undefined;
    private decision: boolean | undefined;

    get upgrade(): boolean {
      if (this.isAsked !== true) return false;
      if (this.method === 'CONNECT') return true; // for node:http a tunnel is an upgrade: it is refused elsewhere
      this.decision ??= isTakenUp(this);
      return this.decision;
    }

    set upgrade(asked: boolean | null) {
      this.isAsked = asked === true;
    }
  };
}

/**
 * Creates the response to a request whose connection node:http has handed over, and with it what node:http no longer does
 * there: notice that the client leaves, resume a response that waited for the client, and close after the response, unless
 * that is the switch itself.
 * @param head the bytes that came behind the request; whoever takes the connection over gets them (exchange/early-bytes.ts).
 */
export function responseOn(socket: Socket, request: IncomingMessage, head: Buffer): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy()); // unhandled, it would end the process
  socket.once('end', () => {
    if (response.statusCode !== 101) socket.destroy();
  });
  readAhead(socket, head);
  socket.on('drain', () => response.emit('drain'));
  response.once('finish', () => {
    if (response.statusCode !== 101) socket.destroySoon();
  });
  return response;
}
