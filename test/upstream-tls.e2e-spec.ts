import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, IncomingMessage, Server as HttpServer } from 'node:http';
import { createServer, Server } from 'node:https';
import { AddressInfo, connect, Socket } from 'node:net';
import { join } from 'node:path';
import { freshDatabase } from './support/database';
import { runServer, TestProcess } from './support/process';

const TLS = join(__dirname, 'support/tls');

/** The production way: TLS to the upstream, directly or through an outbound proxy. In a process of its own, to trust the certificate. */
describe('an upstream behind TLS', () => {
  let upstream: Server;
  let tunnel: HttpServer;
  const tunnelled: { target: string; authorization: string | undefined }[] = [];
  const processes: TestProcess[] = [];

  beforeAll(async () => {
    upstream = createServer(
      { key: readFileSync(join(TLS, 'key.pem')), cert: readFileSync(join(TLS, 'cert.pem')) },
      (request, response) => {
        response.setHeader(
          'request-id',
          `${request.headers.host ?? ''} ${String(request.headers['x-api-key'])}`,
        );
        request.pipe(response);
      },
    );
    tunnel = createHttpServer().on('connect', (request: IncomingMessage, client: Socket) => {
      tunnelled.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
      const [host, port] = (request.url ?? '').split(':');
      const server = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        server.pipe(client).pipe(server);
      });
      server.on('error', () => client.destroy());
      client.on('error', () => server.destroy());
    });
    for (const server of [upstream, tunnel])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const { child } of processes) child.kill('SIGKILL');
    upstream.closeAllConnections();
    tunnel.closeAllConnections();
    upstream.close();
    tunnel.close();
  });

  const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port;

  async function start(env: NodeJS.ProcessEnv): Promise<{ url: string; token: string }> {
    const { server, url } = await runServer({
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: `https://localhost:${portOf(upstream)}`,
      NODE_EXTRA_CA_CERTS: join(TLS, 'cert.pem'),
      ...env,
    });
    processes.push(server);
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email: 'a@example.com', password: 'a long enough one', org_name: 'a' });
    const registered = await fetch(`${url}/api/v1/auth/register`, { method: 'POST', headers, body });
    const { token } = (await registered.json()) as { token: string };
    await fetch(`${url}/api/v1/me/anthropic-key`, {
      method: 'PUT',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: '{"key":"sk-ant-x"}',
    });
    return { url, token };
  }

  async function echo({ url, token }: { url: string; token: string }): Promise<Response> {
    return fetch(`${url}/proxy/anthropic/v1/echo`, {
      method: 'POST',
      headers: { 'x-api-key': token },
      body: 'over TLS',
    });
  }

  it('is reached, with connections used again', async () => {
    const server = await start({});
    const connections: Socket[] = [];
    upstream.on('secureConnection', (socket: Socket) => connections.push(socket));
    for (let call = 0; call < 3; call++) {
      const response = await echo(server);
      expect([response.status, await response.text()]).toEqual([200, 'over TLS']);
      expect(response.headers.get('request-id')).toBe(`localhost:${portOf(upstream)} sk-ant-x`);
    }
    expect(connections).toHaveLength(1);
  });

  it('is not trusted with a certificate of its own making: 502, and no key is sent', async () => {
    const response = await echo(await start({ NODE_EXTRA_CA_CERTS: '' }));
    expect(response.status).toBe(502);
  });

  it('is reached through an outbound proxy, which sees a tunnel and no request', async () => {
    const server = await start({ TRACEVAULT_OUTBOUND_PROXY: `http://user:pass@127.0.0.1:${portOf(tunnel)}` });
    for (let call = 0; call < 3; call++) expect(await (await echo(server)).text()).toBe('over TLS');
    expect(tunnelled).toEqual([
      {
        target: `localhost:${portOf(upstream)}`,
        authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
      },
    ]);
  });

  it('takes no outbound proxy from the environment that others share', async () => {
    const before = tunnelled.length;
    const server = await start({ HTTPS_PROXY: `http://127.0.0.1:${portOf(tunnel)}` });
    expect(await (await echo(server)).text()).toBe('over TLS');
    expect(tunnelled).toHaveLength(before);
  });
});
