import { createServer, IncomingMessage, Server } from 'node:http';
import { connect, Socket } from 'node:net';

/** An outbound proxy: takes CONNECT and nothing else, and goes where it is told. */
export function tunnelling(onTunnel: (request: IncomingMessage) => void = () => undefined): Server {
  return createServer().on('connect', (request: IncomingMessage, client: Socket) => {
    onTunnel(request);
    const [host, port] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    server.on('error', () => client.destroy());
    client.on('error', () => server.destroy());
  });
}
