import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Calls back once when a new connection is usable, TLS included; at once when it is already. */
export function whenConnected(socket: Socket, connected: () => void): void {
  if (socket instanceof TLSSocket) {
    // Through an outbound proxy the handshake can be over by now.
    if (socket.getFinished() === undefined || socket.connecting) socket.once('secureConnect', connected);
    else connected();
  } else if (socket.connecting) socket.once('connect', connected);
  else connected();
}
