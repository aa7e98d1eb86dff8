import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Server as HttpServer } from 'node:http';
import { createServer, Server } from 'node:https';
import { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { freshDatabase } from './support/database';
import { runServer, signUpAt, TestProcess } from './support/process';
import { tunnelling } from './support/tunnel';

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
        if (request.url === '/v1/once') response.setHeader('connection', 'close');
        request.pipe(response);
      },
    );
    tunnel = tunnelling({
      onTunnel: ({ url: target = '', headers }) =>
        tunnelled.push({ target, authorization: headers['proxy-authorization'] }),
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
    const token = await signUpAt(url);
    return { url, token };
  }

  async function echo({ url, token }: { url: string; token: string }, path = 'echo'): Promise<Response> {
    return fetch(`${url}/proxy/anthropic/v1/${path}`, {
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

  it.each([
    ['directly', (): NodeJS.ProcessEnv => ({})],
    [
      'through an outbound proxy',
      () => ({ TRACEVAULT_OUTBOUND_PROXY: `http://user:pass@127.0.0.1:${portOf(tunnel)}` }),
    ],
  ])('is reached by a WebSocket, %s, which a SIGTERM waits for and then cuts off', async (_, env) => {
    const sessions = new WebSocketServer({ server: upstream });
    sessions.on('connection', (session, { headers }) => session.send(headers.authorization ?? ''));
    const folder = mkdtempSync(join(tmpdir(), 'tracevault-'));
    const file = join(folder, 'providers.json');
    writeFileSync(
      file,
      JSON.stringify([{ id: 'own', dialect: 'openai', base_url: `https://localhost:${portOf(upstream)}` }]),
    );
    const on = {
      TRACEVAULT_WEBSOCKETS: 'on',
      TRACEVAULT_PROVIDERS: file,
      TRACEVAULT_DRAIN_SECONDS: '1',
    };
    const { url, token } = await start({ ...env(), ...on });
    const authorization = `Bearer ${token}`;
    await fetch(`${url}/api/v1/me/keys/own`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'own-key' }),
    });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/proxy/own/v1/responses`, {
      headers: { authorization },
    });
    expect(String((await once(socket, 'message'))[0])).toBe('Bearer own-key');
    const server = processes.at(-1)!;
    server.child.kill('SIGTERM');
    expect((await once(socket, 'close'))[0]).toBe(1006);
    expect(await server.exit).toBe(0);
    expect(server.output).toContain('The deadline cut off open requests');
    expect(server.output).toMatch(/"status":101,[^\n]*"outcome":"client_aborted"/);
    sessions.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['directly', (): NodeJS.ProcessEnv => ({})],
    [
      'through an outbound proxy',
      () => ({ TRACEVAULT_OUTBOUND_PROXY: `http://user:pass@127.0.0.1:${portOf(tunnel)}` }),
    ],
  ])('is connected to again with the TLS session of before, %s', async (_, env) => {
    const server = await start(env());
    const resumed: boolean[] = [];
    const note = (socket: TLSSocket): number => resumed.push(socket.isSessionReused());
    upstream.on('secureConnection', note);
    for (let call = 0; call < 3; call++) expect(await (await echo(server, 'once')).text()).toBe('over TLS');
    upstream.off('secureConnection', note);
    expect(resumed).toEqual([false, true, true]);
  });

  it('takes no outbound proxy from the environment that others share', async () => {
    const before = tunnelled.length;
    const server = await start({ HTTPS_PROXY: `http://127.0.0.1:${portOf(tunnel)}` });
    expect(await (await echo(server)).text()).toBe('over TLS');
    expect(tunnelled).toHaveLength(before);
  });
});
