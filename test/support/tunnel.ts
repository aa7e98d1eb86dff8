import { createServer, IncomingMessage, Server } from 'node:http';
import { connect, Socket } from 'node:net';

interface Tunnelling {
  /** The server to use; by default one without TLS. */
  readonly server?: Server;
  readonly onTunnel?: (request: IncomingMessage) => void;
  /** Returns how to misbehave towards a client instead of opening a tunnel; undefined to work normally. */
  readonly behaviour?: () => ((client: Socket) => void) | undefined;
}

/** Creates an outbound proxy that accepts only CONNECT, to any target. */
export function tunnelling({ server = createServer(), onTunnel, behaviour }: Tunnelling = {}): Server {
  return server.on('connect', (request: IncomingMessage, client: Socket) => {
    onTunnel?.(request);
    client.on('error', () => undefined);
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const onward = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
      const behave = behaviour?.();
      if (behave !== undefined) {
        client.resume().on('end', () => client.end());
        behave(client);
      } else {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(client).pipe(onward);
      }
    });
    onward.on('error', () => client.destroy());
    client.on('close', () => onward.destroy());
  });
}
