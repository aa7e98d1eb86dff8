import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  get as httpGet,
  RequestListener,
  RequestOptions,
  Server,
} from 'node:http';
import { createServer as createHttpsServer, get as httpsGet } from 'node:https';
import { AddressInfo, connect, Socket } from 'node:net';
import { join } from 'node:path';
import { keepsAlive } from '../../test/support/keep-alive';
import { tunnelling } from '../../test/support/tunnel';
import { TunnelAgent } from './tunnel-agent';
import { ConnectTimeoutError } from './upstream-failure';

const TLS = join(__dirname, '../../test/support/tls');
const identity = { key: readFileSync(join(TLS, 'key.pem')), cert: readFileSync(join(TLS, 'cert.pem')) };
const LONG_MS = 10_000;

interface Tunnel {
  readonly target: string;
  readonly authorization: string | undefined;
  readonly host: string | undefined;
}

/** Tests the agent alone, over real sockets, with a certificate that only these tests trust. */
describe('a tunnel', () => {
  const servers: Server[] = [];
  const agents: TunnelAgent[] = [];
  let tunnels: Tunnel[];
  let upstream: Server;
  let proxy: Server;
  /** How the proxy handles a tunnel; undefined for a proxy that works. */
  let behave: ((client: Socket) => void) | undefined;

  async function listening<S extends Server>(server: S): Promise<S> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return server;
  }
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const answer: RequestListener = (request, response) => response.end(`${request.url ?? ''} over a tunnel`);

  function proxyOn(server: Server): Server {
    return tunnelling({
      server,
      behaviour: () => behave,
      onTunnel: ({ url: target = '', headers }) => {
        const { host, 'proxy-authorization': authorization } = headers;
        tunnels.push({ target, authorization, host });
      },
    });
  }

  beforeEach(async () => {
    [tunnels, behave] = [[], undefined];
    upstream = await listening(createHttpsServer(identity, answer));
    proxy = await listening(proxyOn(createHttpServer()));
  });
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  function agentThrough(url: string, protocol = 'https:', timeoutMs = LONG_MS): TunnelAgent {
    const agent = new TunnelAgent(new URL(url), protocol, timeoutMs, { keepAlive: true });
    agents.push(agent);
    return agent;
  }

  function ask(agent: TunnelAgent, more: RequestOptions & { ca?: Buffer } = {}): Promise<string> {
    const secure = agent.protocol === 'https:';
    const port = portOf(upstream);
    const options = {
      agent,
      host: 'localhost',
      port,
      path: '/x',
      ...(secure && { ca: identity.cert }),
      ...more,
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsGet : httpGet)(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text)).on('error', reject);
      });
      request.on('error', reject);
    });
  }

  const through = (protocol = 'https:', timeoutMs = LONG_MS): TunnelAgent =>
    agentThrough(`http://127.0.0.1:${portOf(proxy)}`, protocol, timeoutMs);

  it('goes to the upstream by name and port, without a word to the proxy of anything else', async () => {
    expect(await ask(through())).toBe('/x over a tunnel');
    const target = `localhost:${portOf(upstream)}`;
    expect(tunnels).toEqual([{ target, host: target, authorization: undefined }]);
  });

  it('is used again, and opened again for what comes at the same time', async () => {
    const agent = through();
    for (let call = 0; call < 3; call++) await ask(agent);
    expect(tunnels).toHaveLength(1);
    await Promise.all([ask(agent), ask(agent)]);
    expect(tunnels).toHaveLength(2);
  });

  it.each([
    ['user:pass', 'user:pass'],
    ['us%40er:p%3Ass', 'us@er:p:ss'],
    ['user', 'user:'],
    [':pass', ':pass'],
  ])('says %s to the proxy, decoded', async (written, meant) => {
    await ask(agentThrough(`http://${written}@127.0.0.1:${portOf(proxy)}`));
    expect(tunnels[0]!.authorization).toBe(`Basic ${Buffer.from(meant).toString('base64')}`);
  });

  it('offers no TLS session again with which a connection failed', async () => {
    const known = new Set<string>();
    const broken = createHttpsServer(
      { ...identity, maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
      (_request, response) => response.setHeader('connection', 'close').end('served'),
    );
    broken.on('newSession', (id: Buffer, _data, done: () => void) => {
      known.add(id.toString('hex'));
      done();
    });
    broken.on('resumeSession', (id: Buffer, done: (error: Error | null, data: null) => void) =>
      done(known.has(id.toString('hex')) ? new Error('The store of sessions is broken') : null, null),
    );
    upstream = await listening(broken);
    const agent = through();
    const outcomes: string[] = [];
    for (let call = 0; call < 4; call++) outcomes.push(await ask(agent).catch(() => 'failed'));
    expect(outcomes.slice(0, 2)).toEqual(['served', 'failed']);
    expect(outcomes.slice(2)).toContain('served');
  });

  it.each(['200 OK', '201 Created', '204 No Content'])('is one when the proxy says %s', async (status) => {
    behave = (client) => {
      const onward = connect(portOf(upstream), '127.0.0.1');
      client.write(`HTTP/1.1 ${status}\r\n\r\n`);
      client.pipe(onward).pipe(client);
    };
    expect(await ask(through())).toBe('/x over a tunnel');
  });

  it('names an IPv6 upstream in brackets', async () => {
    upstream = createHttpsServer(identity, answer);
    await new Promise<void>((resolve) => upstream.listen(0, '::1', resolve));
    servers.push(upstream);
    expect(await ask(through(), { host: '::1', servername: 'localhost' } as RequestOptions)).toBe(
      '/x over a tunnel',
    );
    expect(tunnels[0]!.target).toBe(`[::1]:${portOf(upstream)}`);
  });

  (process.platform === 'linux' ? it : it.skip)(
    'keeps its connection alive from the first request on, so that a long silence does not end it on the way',
    async () => {
      const arrived = new Promise<Socket>((resolve) => proxy.once('connection', resolve));
      const answering = new Promise<() => void>((resolve) => {
        upstream.removeAllListeners('request');
        upstream.on('request', (_request, response) => resolve(() => response.end('late')));
      });
      const asked = ask(through());
      const { remotePort = 0 } = await arrived;
      const finish = await answering;
      expect(await keepsAlive(remotePort, portOf(proxy))).toBe(true);
      finish();
      expect(await asked).toBe('late');
    },
  );

  it('reaches an upstream without TLS as well', async () => {
    upstream = await listening(createHttpServer(answer));
    expect(await ask(through('http:'))).toBe('/x over a tunnel');
    expect(tunnels).toHaveLength(1);
  });

  it('does not trust a proxy over TLS whose certificate it does not know', async () => {
    const secure = await listening(proxyOn(createHttpsServer(identity)));
    await expect(ask(agentThrough(`https://localhost:${portOf(secure)}`))).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(tunnels).toEqual([]);
  });

  it('does not trust an upstream whose certificate it does not know, or that is for another name', async () => {
    await expect(ask(through(), { ca: Buffer.alloc(0) })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    await expect(ask(through(), { servername: 'elsewhere.example' } as RequestOptions)).rejects.toMatchObject(
      {
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      },
    );
  });

  it.each([
    ['407 Proxy Authentication Required', /refused the tunnel with 407/],
    ['502 Bad Gateway', /refused the tunnel with 502/],
    ['302 Found', /refused the tunnel with 302/],
  ])('is none when the proxy says %s, and its connection is closed', async (status, why) => {
    let closed: Promise<unknown> | undefined;
    behave = (client) => {
      closed = new Promise((resolve) => client.once('close', resolve));
      client.write(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
    };
    await expect(ask(through())).rejects.toThrow(why);
    await closed;
  });

  it('is none when the proxy can’t be reached, or closes', async () => {
    const gone = portOf(proxy);
    behave = (client) => client.destroy();
    await expect(ask(through())).rejects.toMatchObject({ code: 'ECONNRESET' });
    proxy.close();
    await expect(ask(agentThrough(`http://127.0.0.1:${gone}`))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('is none when what is behind it speaks no TLS', async () => {
    behave = (client) => client.write('HTTP/1.1 200 OK\r\n\r\nhello, this is no handshake\r\n');
    await expect(ask(through())).rejects.toThrow(/wrong version number|packet length/);
  });

  it.each<[string, (client: Socket) => void]>([
    ['says nothing', () => undefined],
    ['is silent in the handshake', (client) => void client.write('HTTP/1.1 200 OK\r\n\r\n')],
  ])('is none in time when the proxy %s, and its connection is closed', async (_, silence) => {
    let closed: Promise<unknown> | undefined;
    behave = (client) => {
      closed = new Promise((resolve) => client.once('close', resolve));
      silence(client);
    };
    const asked = ask(through('https:', 100));
    await expect(asked).rejects.toBeInstanceOf(ConnectTimeoutError);
    await expect(asked).rejects.toThrow('No tunnel within 100 ms');
    await closed;
  });

  it('has no clock once it is there', async () => {
    upstream.removeAllListeners('request');
    upstream.on('request', (_request, response) => setTimeout(() => response.end('late'), 400));
    expect(await ask(through('https:', 200))).toBe('late');
  });
});
