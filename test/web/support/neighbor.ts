import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

/** Another program's server on the same host, at a port of its own, as a browser visits it. */
export class Neighbor {
  /** Of the requests that it got, the latest last. */
  readonly cookies: string[] = [];
  /** What it sets for the whole host with its next answers. */
  setCookie: string | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Neighbor> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const neighbor = new Neighbor(server);
    server.on('request', (request, response) => {
      neighbor.cookies.push(request.headers.cookie ?? '');
      if (neighbor.setCookie !== undefined) response.setHeader('set-cookie', neighbor.setCookie);
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Neighbor</title>');
    });
    return neighbor;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** The session cookie of the server at that port, as the browser last sent it here. */
  received(port: number): { header: string; value: string } {
    const name = `tracevault_session_${port}`;
    const value = new RegExp(`(?:^|; )${name}=([^;]+)`).exec(this.cookies.at(-1) ?? '')?.[1];
    if (value === undefined) throw new Error(`No cookie ${name} came`);
    return { header: `${name}=${value}`, value };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
