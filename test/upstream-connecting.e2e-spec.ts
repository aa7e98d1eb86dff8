import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Server as HttpServer } from 'node:http';
import { Agent as HttpsAgent, createServer, Server } from 'node:https';
import { AddressInfo, createServer as createTcpServer, Socket } from 'node:net';
import { join } from 'node:path';
import { TestApp } from './support/app';
import { tunnelling } from './support/tunnel';

const TLS = join(__dirname, 'support/tls');

describe('connecting to an upstream that refuses', () => {
  it('leaves no timer behind', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await new Promise((resolve) => taken.close(resolve));
    const app = await TestApp.start({ env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${port}` } });
    const { token } = await app.signUp();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const call = async (): Promise<void> => {
      const response = await fetch(`${app.proxyUrl}/v1/x`, { headers: { 'x-api-key': token } });
      expect(response.status).toBe(502);
      await response.text();
    };
    await call();
    const before = timers();
    for (let count = 0; count < 20; count++) await call();
    expect(timers() - before).toBeLessThan(10);
    await app.close();
  });
});

describe('connecting to an upstream behind TLS', () => {
  let upstream: Server;
  let tunnel: HttpServer;

  beforeAll(async () => {
    const identity = { key: readFileSync(join(TLS, 'key.pem')), cert: readFileSync(join(TLS, 'cert.pem')) };
    upstream = createServer(identity, (request, response) => {
      setTimeout(() => request.pipe(response), 800);
    });
    tunnel = tunnelling();
    for (const server of [upstream, tunnel])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const server of [upstream, tunnel]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port;

  it.each([
    ['directly', (): NodeJS.ProcessEnv => ({})],
    [
      'through an outbound proxy',
      () => ({ TRACEVAULT_OUTBOUND_PROXY: `http://127.0.0.1:${portOf(tunnel)}` }),
    ],
  ])('may take its time once it is connected, %s: what is bounded is the connecting', async (_, env) => {
    const app = await TestApp.start({
      env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `https://localhost:${portOf(upstream)}`, ...env() },
      adjust: (config) => ({ ...config, upstream: { ...config.upstream, connectTimeoutMs: 500 } }),
    });
    (app.upstreamAgent as HttpsAgent).options.ca = readFileSync(join(TLS, 'cert.pem'));
    const { token } = await app.signUp();
    for (let call = 0; call < 2; call++) {
      const response = await fetch(`${app.proxyUrl}/v1/slow`, {
        method: 'POST',
        headers: { 'x-api-key': token },
        body: 'over TLS',
      });
      expect([response.status, await response.text()]).toEqual([200, 'over TLS']);
    }
    await app.close();
  });

  it.each<[string, (socket: Socket) => void]>([
    [
      'refuses with 407',
      (socket) =>
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 14\r\n\r\nsquid at 10.1.2'),
    ],
    ['refuses with 403', (socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')],
    ['answers 200 and speaks no TLS', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello')],
    ['closes at once', (socket) => socket.destroy()],
    ['is silent', () => undefined],
    ['is silent in the handshake', (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n')],
  ])(
    'is a 502 when the outbound proxy %s, and nothing that it says reaches the client',
    async (_name, behave) => {
      const sockets = new Set<Socket>();
      const proxy = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
        socket.once('data', () => behave(socket));
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const { port } = proxy.address() as AddressInfo;
      const app = await TestApp.start({
        env: {
          TRACEVAULT_ANTHROPIC_UPSTREAM: 'https://upstream.example',
          TRACEVAULT_OUTBOUND_PROXY: `http://127.0.0.1:${port}`,
        },
        adjust: (config) => ({ ...config, upstream: { ...config.upstream, connectTimeoutMs: 300 } }),
      });
      const { token } = await app.signUp();
      const response = await fetch(`${app.proxyUrl}/v1/x`, { headers: { 'x-api-key': token } });
      const text = await response.text();
      expect(response.status).toBe(502);
      expect(text).toContain('"api_error"');
      expect(text.replace(/req_tv_\w+/, '')).not.toMatch(/squid|10\.1\.2|407/); // an id may hold any digits
      const deadline = Date.now() + 2_000;
      while (sockets.size > 0 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(sockets.size).toBe(0);
      await app.close();
      proxy.close();
    },
  );
});
