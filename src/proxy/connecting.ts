import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Calls `connected` once when the connection is established, TLS handshake included; immediately if it already is. */
export function whenConnected(socket: Socket, connected: () => void): void {
  if (socket instanceof TLSSocket) {
    // Through an outbound proxy the handshake can be complete by now, and 'secureConnect' would never come.
    if (socket.getFinished() === undefined || socket.connecting) socket.once('secureConnect', connected);
    else connected();
  } else if (socket.connecting) socket.once('connect', connected);
  else connected();
}
