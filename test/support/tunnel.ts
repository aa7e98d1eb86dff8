import { createServer, IncomingMessage, Server } from 'node:http';
import { connect, Socket } from 'node:net';

interface Tunnelling {
  /** By default without TLS. */
  readonly server?: Server;
  readonly onTunnel?: (request: IncomingMessage) => void;
  /** What it does with a client in place of what it is there for, when it is to do something else. */
  readonly behaviour?: () => ((client: Socket) => void) | undefined;
}

/** An outbound proxy: takes CONNECT and nothing else, and goes where it is told. */
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
