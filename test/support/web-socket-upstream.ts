import { createHash } from 'node:crypto';
import { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

type Handler = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** The WebSockets of a fake upstream, by the `ws` package unless a test speaks for it. */
export class WebSocketUpstream {
  /** The handshakes that have arrived. */
  readonly handshakes: IncomingMessage[] = [];
  /** The connections of these handshakes. */
  readonly sockets: Socket[] = [];
  private readonly sessions = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  private handler: Handler = this.accept;

  constructor(server: Server) {
    server.on('upgrade', (request, socket, head) => {
      this.handshakes.push(request);
      this.sockets.push(socket as Socket);
      socket.on('error', () => undefined);
      this.handler(request, socket as Socket, head);
    });
  }

  /** Accepts handshakes as `ws` does, and sends each message back. */
  echo(): void {
    this.handler = this.accept;
  }

  answerWith(handler: Handler): void {
    this.handler = handler;
  }

  /** Resolves with the n-th handshake's connection (from 1), as soon as it has arrived. */
  async socket(count = this.sockets.length + 1): Promise<Socket> {
    while (this.sockets.length < count) await sleep(5);
    return this.sockets[count - 1] as Socket;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.sessions.handleUpgrade(request, socket, head, (session: WebSocket) => {
      session.on('message', (data, isBinary) => session.send(data, { binary: isBinary }));
      session.on('error', () => undefined);
    });
  }
}

/** The head with which an upstream accepts a handshake, written by hand. */
export function switchingHead({ headers }: IncomingMessage): string {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  const lines = ['Upgrade: WebSocket', 'Connection: upgrade', `Sec-WebSocket-Accept: ${accept}`];
  return [
    'HTTP/1.1 101 Switching Protocols',
    ...lines,
    'X-Request-Id: req_ws',
    'Set-Cookie: a=b',
    '',
    '',
  ].join('\r\n');
}
