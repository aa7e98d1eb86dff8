import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientOptions, WebSocket } from 'ws';
import { DrainService } from '../src/server/drain.service';
import { OPENAI } from '../src/providers/openai';
import { Person, TestApp, useApp } from './support/app';
import { openSocket, readRaw, sendRaw } from './support/raw-http';
import { tunnelling } from './support/tunnel';
import { switchingHead, WebSocketUpstream } from './support/web-socket-upstream';

const ON = { TRACEVAULT_WEBSOCKETS: 'on' };
const PATH = '/proxy/openai/v1/responses';
const HEAD_END = '\r\n\r\n';

describe('a WebSocket to OpenAI', () => {
  let upstream: WebSocketUpstream;
  afterAll(() => upstream.close()); // before the server, which waits for its connections
  const app = useApp({
    provider: OPENAI,
    env: ON,
    tune: (server) => Object.assign(server, { connectionsCheckingInterval: 50 }),
  });
  let person: Person;
  let paths = 0;

  beforeAll(async () => {
    upstream = new WebSocketUpstream(app.upstream.server);
    person = await app.signUp();
  });
  beforeEach(() => {
    upstream.echo();
    app.upstream.answerWithDefault();
  });

  const bearer = (token = person.token) => ({ authorization: `Bearer ${token}` });

  /** Opens a WebSocket of the `ws` package. */
  async function open(
    path = PATH,
    options: ClientOptions = {},
    protocols: string[] = [],
  ): Promise<WebSocket> {
    const socket = new WebSocket(app.url.replace('http', 'ws') + path, protocols, {
      headers: bearer(),
      perMessageDeflate: false,
      ...options,
    });
    await once(socket, 'open');
    return socket;
  }

  async function echoed(socket: WebSocket, message: string | Buffer): Promise<Buffer> {
    socket.send(message);
    const [data] = (await once(socket, 'message')) as [Buffer];
    return data;
  }

  async function closed(socket: WebSocket): Promise<unknown> {
    socket.close(1000, 'done');
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  }

  const request = (target: string, ...more: string[]): string =>
    [
      `GET ${target} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${person.token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      ...more,
      HEAD_END.slice(2),
    ].join('\r\n');

  /** A WebSocket without its frames: two connections, each with its switch behind it. */
  async function bare(): Promise<{ client: Socket; server: Socket; target: string }> {
    const target = `${PATH}?n=${++paths}`;
    upstream.answerWith((handshake, socket) => socket.write(switchingHead(handshake)));
    const arrival = upstream.socket();
    const client = await openSocket(app.port);
    client.on('error', () => undefined);
    client.write(request(target));
    const server = await arrival;
    const [head] = (await once(client, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\n$/);
    client.removeAllListeners('data').pause();
    return { client, server, target };
  }

  async function lineOf(count: number) {
    return app.requestLine(PATH, count);
  }

  /** The number of log lines of this path so far, and one more. */
  const nextLine = (): number => app.log.split(`"path":"${PATH}"`).length;

  it('passes messages both ways, also of 5 MB, and ends as both sides agree', async () => {
    const line = nextLine();
    const socket = await open();
    expect((await echoed(socket, 'hello')).toString()).toBe('hello');
    const large = randomBytes(5 * 1024 * 1024);
    expect((await echoed(socket, large)).equals(large)).toBe(true);
    expect(await closed(socket)).toBe(1000);
    expect(await lineOf(line)).toMatchObject({
      user_id: person.userId,
      key_source: 'own',
      method: 'GET',
      status: 101,
      outcome: 'completed',
    });
    expect(Number((await lineOf(line)).bytes)).toBeGreaterThan(5 * 1024 * 1024);
  });

  it('swaps the token for the key in the handshake, and adds nothing else to it', async () => {
    const headers = {
      ...bearer(),
      cookie: `tracevault_session=${person.token}`,
      'OpenAI-Beta': 'responses_websockets=2026-02-06',
      'x-forwarded-for': '10.1.2.3',
    };
    const socket = await open(PATH, { headers, origin: 'https://evil.example' });
    const arrived = upstream.handshakes.at(-1);
    expect(arrived?.url).toBe('/v1/responses');
    expect(arrived?.headers).toEqual({
      host: new URL(app.upstream.url).host,
      'openai-beta': 'responses_websockets=2026-02-06',
      authorization: `Bearer ${person.apiKey}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': expect.stringMatching(/^[\w+/]{22}==$/),
      'sec-websocket-version': '13',
    });
    await closed(socket);
  });

  it('takes the token from the sub-protocols of a browser, and forwards them without it', async () => {
    const offered = ['realtime', `OpenAI-Insecure-API-Key.${person.token}`, 'openai-project.p1', 'beta-v1'];
    const socket = await open('/proxy/openai/v1/realtime?model=m', { headers: {} }, offered);
    expect(socket.protocol).toBe('realtime');
    const { url, headers, rawHeaders } = upstream.handshakes.at(-1)!;
    expect([url, headers['sec-websocket-protocol'], headers.authorization]).toEqual([
      '/v1/realtime?model=m',
      'realtime, openai-project.p1, beta-v1',
      `Bearer ${person.apiKey}`,
    ]);
    expect(rawHeaders.join()).not.toContain(person.token);
    await closed(socket);
  });

  it('lets both sides agree on compression', async () => {
    const socket = await open(PATH, { perMessageDeflate: { threshold: 0 } });
    expect(socket.extensions).toBe('permessage-deflate');
    const text = 'all the same '.repeat(10_000);
    expect((await echoed(socket, text)).toString()).toBe(text);
    await closed(socket);
  });

  it('passes the upstream’s head by the table of response headers', async () => {
    upstream.answerWith((handshake, socket) => socket.write(switchingHead(handshake)));
    const { text } = await sendRaw(app.port, request(PATH), { until: (head) => head.includes(HEAD_END) });
    expect(text.split('\r\n').filter((line) => !line.startsWith('Date'))).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'X-Request-Id: req_ws',
      'connection: Upgrade',
      'upgrade: websocket',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      '',
      '',
    ]);
  });

  it('passes every byte as it is, both ways at once, masks and all', async () => {
    const { client, server } = await bare();
    const [up, down] = [randomBytes(8 * 1024 * 1024), randomBytes(8 * 1024 * 1024)];
    const [atServer, atClient] = [received(server), received(client)];
    client.end(up);
    server.end(down);
    expect((await atServer).equals(up)).toBe(true);
    expect((await atClient).equals(down)).toBe(true);
  });

  it('loses no byte that comes in one packet with a head', async () => {
    upstream.answerWith((handshake, socket) => socket.write(switchingHead(handshake) + 'server first'));
    const arrival = upstream.socket();
    const answer = sendRaw(app.port, request(PATH) + 'client first', {
      until: (text) => text.endsWith('server first'),
    });
    const [data] = (await once(await arrival, 'data')) as [Buffer];
    expect(data.toString()).toBe('client first');
    expect((await answer).status).toBe(101);
  });

  it('loses no byte that comes before the upstream has answered, however many they are', async () => {
    const early = randomBytes(3 * 1024 * 1024);
    let accept = (): void => undefined;
    upstream.answerWith((handshake, socket) => {
      accept = () => socket.write(switchingHead(handshake));
    });
    const arrival = upstream.socket();
    const client = await openSocket(app.port);
    client.write(request(PATH));
    client.end(early);
    const server = await arrival;
    await sleep(100);
    accept();
    expect((await received(server)).equals(early)).toBe(true);
    client.destroy();
  });

  it('holds the upstream back while the client does not read', async () => {
    const { client, server } = await bare();
    const sent = randomBytes(32 * 1024 * 1024);
    server.end(sent);
    let left = -1;
    while (left !== server.writableLength) {
      left = server.writableLength;
      await sleep(300);
    }
    expect(left).toBeGreaterThan(0);
    expect((await received(client)).equals(sent)).toBe(true);
    client.destroy();
  });

  it.each(['client', 'server'] as const)(
    'stays open one way when the %s has ended the other',
    async (side) => {
      const line = nextLine();
      const both = await bare();
      const [first, second] = side === 'client' ? [both.client, both.server] : [both.server, both.client];
      second.allowHalfOpen = true;
      const end = once(second.resume(), 'end');
      first.end();
      await end;
      const rest = readRaw(first);
      second.write('still ');
      second.end('open');
      expect((await rest).text).toBe('still open');
      expect(await lineOf(line)).toMatchObject({ status: 101, outcome: 'completed' });
    },
  );

  it('ends at the upstream when the client breaks off', async () => {
    const line = nextLine();
    const { client, server } = await bare();
    const end = received(server);
    client.resetAndDestroy();
    await end;
    expect(await lineOf(line)).toMatchObject({ status: 101, outcome: 'client_aborted' });
  });

  it('ends at the client when the upstream breaks off', async () => {
    const line = nextLine();
    const { client, server } = await bare();
    const end = readRaw(client);
    server.resetAndDestroy();
    await end;
    expect(await lineOf(line)).toMatchObject({ status: 101, outcome: 'upstream_failed' });
  });

  it.each([
    ['resetAndDestroy', 0],
    ['end', 0],
    ['resetAndDestroy', 100_000],
    ['end', 100_000],
  ] as const)(
    'is given up when the client leaves (%s) before the upstream has answered, %i bytes behind its handshake',
    async (leave, early) => {
      const line = nextLine();
      upstream.answerWith(() => undefined);
      const arrival = upstream.socket();
      const client = await openSocket(app.port);
      client.on('error', () => undefined).write(request(PATH));
      const server = await arrival;
      const end = received(server);
      await new Promise((resolve) => client.write(Buffer.alloc(early), resolve));
      client[leave]();
      await end;
      expect(await lineOf(line)).toMatchObject({ outcome: 'client_aborted' });
    },
  );

  /** Runs a test with short limits of node:http, which would refuse what comes late on a busy machine. */
  async function withShortLimits(run: () => Promise<void>): Promise<void> {
    const { server } = app;
    const { keepAliveTimeout, headersTimeout, requestTimeout } = server;
    server.keepAliveTimeout = server.headersTimeout = server.requestTimeout = 300;
    try {
      await run();
    } finally {
      Object.assign(server, { keepAliveTimeout, headersTimeout, requestTimeout });
    }
  }

  it('with half a handshake is none: nothing reaches the upstream', () =>
    withShortLimits(async () => {
      const before = upstream.handshakes.length;
      const { status } = await sendRaw(app.port, request(PATH).slice(0, -4));
      expect(status).toBe(408);
      expect(upstream.handshakes).toHaveLength(before);
    }));

  it('that is idle stays open, whatever limits node:http has for requests', async () => {
    const socket = await open();
    await withShortLimits(async () => {
      await sleep(1_000); // more than three times each of them
      expect((await echoed(socket, 'still there')).toString()).toBe('still there');
      await closed(socket);
    });
  });

  it.each([401, 429])('that the upstream refuses with %s brings its answer back', async (status) => {
    const body = 'x'.repeat(3 * 1024 * 1024);
    const line = nextLine();
    upstream.answerWith((_, socket) => {
      const head = ['content-type: application/json', 'x-request-id: req_no', 'retry-after: 7'];
      socket.end([`HTTP/1.1 ${status} No`, ...head, `content-length: ${body.length}`, '', body].join('\r\n'));
    });
    const socket = await openSocket(app.port);
    socket.write(request(PATH));
    await sleep(100); // the client reads late
    const { text } = await readRaw(socket);
    const [head = '', received] = text.split(HEAD_END);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} No\r\n`));
    expect(head).toContain('x-request-id: req_no\r\nretry-after: 7');
    expect(head.toLowerCase()).toContain('connection: close');
    expect(received === body).toBe(true);
    expect(await lineOf(line)).toMatchObject({ status, outcome: 'completed', upstream_request_id: 'req_no' });
  });

  it.each([
    ['breaks off in its head', 'HTTP/1.1 101 Switching Protocols\r\nUpgra'],
    [
      'switches to something else',
      'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: evil\r\n\r\nevil bytes',
    ],
    ['switches without saying to what', 'HTTP/1.1 101 X\r\n\r\nevil bytes'],
  ])('is a 502 in the envelope when the upstream %s', async (_name, answer) => {
    upstream.answerWith((_, socket) => socket.end(answer));
    const { status, text } = await sendRaw(app.port, request(PATH));
    expect([status, JSON.parse(text.split(HEAD_END)[1]!)]).toEqual([
      502,
      { error: { message: expect.any(String), type: 'server_error', param: null, code: null } },
    ]);
    expect(text).not.toContain('evil');
  });

  it('leaves a CONNECT refused as ever', async () => {
    const { status } = await sendRaw(app.port, 'CONNECT api.openai.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(status).toBe(405);
  });

  it.each([
    ['another path', '/proxy/openai/v1/models', [], 'GET /v1/responses, /v1/realtime alone'],
    ['a path below', `${PATH}/x`, [], 'GET /v1/responses, /v1/realtime alone'],
    ['another spelling', '/proxy/openai/v1/%72esponses', [], 'GET /v1/responses, /v1/realtime alone'],
    ['a body', PATH, ['Content-Length: 4'], 'GET /v1/responses, /v1/realtime alone'],
    ['another provider', '/proxy/openrouter/v1/responses', [], 'without the Upgrade header.'],
    ['Anthropic', '/proxy/anthropic/v1/responses', [], 'without the Upgrade header.'],
  ])('with %s is answered 426', async (_name, target, lines, message) => {
    const before = upstream.handshakes.length;
    const { status, text } = await sendRaw(app.port, `${request(target, ...lines)}abcd`);
    expect([status, text]).toEqual([426, expect.stringContaining(message)]);
    expect(upstream.handshakes).toHaveLength(before);
  });

  it('behind an answer that is still open gets its 426 in turn', async () => {
    app.upstream.answerWith((_, response) => void setTimeout(() => response.end('first'), 50));
    const first = `GET /proxy/openai/v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${person.token}${HEAD_END}`;
    const { text } = await sendRaw(app.port, first + request(PATH));
    expect(text).toMatch(/^HTTP\/1\.1 200 [^]*first[^]*HTTP\/1\.1 426 /);
  });

  it('follows an answered request on its connection', async () => {
    const client = await openSocket(app.port);
    client.write(`GET /proxy/openai/v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(client, 'data');
    upstream.answerWith((handshake, socket) => socket.write(switchingHead(handshake) + 'switched'));
    client.write(request(PATH));
    expect((await readRaw(client, (text) => text.endsWith('switched'))).status).toBe(101);
  });

  it('without a token, or with an unknown one, is a 401 like any request', async () => {
    for (const token of ['', 'tvs_unknown']) {
      const bytes = request(PATH).replace(`Bearer ${person.token}`, token === '' ? '' : `Bearer ${token}`);
      const { status, text } = await sendRaw(app.port, bytes);
      expect([status, text]).toEqual([401, expect.stringContaining('invalid_api_key')]);
    }
  });

  it('is what the list of providers says about those that speak it', async () => {
    const response = await app.api('GET', 'providers', { token: person.token });
    const list = (await response.json()) as { id: string; websockets: boolean }[];
    expect(Object.fromEntries(list.map(({ id, websockets }) => [id, websockets]))).toEqual({
      anthropic: false,
      openai: true,
      gemini: false,
      openrouter: false,
    });
  });

  it('leaves no connection behind, here or at the upstream', async () => {
    for (const socket of upstream.sockets) await received(socket);
    expect(app.upstreamAgent.sockets).toEqual({});
  });
});

describe('a WebSocket to OpenAI on another server', () => {
  let app: TestApp;
  let upstream: WebSocketUpstream;
  let person: Person;

  async function start(env: NodeJS.ProcessEnv, options: ConstructorParameters<typeof TestApp>[0] = {}) {
    app = await TestApp.start({ provider: OPENAI, env: { ...ON, ...env }, ...options });
    upstream = new WebSocketUpstream(app.upstream.server);
    person = await app.signUp();
  }
  afterEach(async () => {
    upstream.close();
    await app.close();
  });

  function dial(): WebSocket {
    const headers = { authorization: `Bearer ${person.token}` };
    const socket = new WebSocket(app.url.replace('http', 'ws') + PATH, { headers });
    socket.on('error', () => undefined);
    return socket;
  }

  async function refusal(): Promise<{ status: number | undefined; body: string }> {
    const [, response] = (await once(dial(), 'unexpected-response')) as [
      unknown,
      NodeJS.ReadableStream & { statusCode?: number },
    ];
    const parts: string[] = [];
    for await (const part of response) parts.push(String(part));
    return { status: response.statusCode, body: parts.join('') };
  }

  it('is answered 426 by default, with the variable that would change it', async () => {
    await start({ TRACEVAULT_WEBSOCKETS: 'off' });
    expect(await refusal()).toEqual({
      status: 426,
      body: expect.stringContaining('TRACEVAULT_WEBSOCKETS=on'),
    });
  });

  it('counts among the open requests for as long as it is open', async () => {
    await start({ TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '1' });
    const socket = dial();
    await once(socket, 'open');
    expect(await refusal()).toEqual({ status: 429, body: expect.stringContaining('rate_limit_exceeded') });
    socket.close();
    await app.requestLine(PATH, 2);
    const next = dial();
    await once(next, 'open');
    next.terminate();
  });

  it('is waited for by a drain, which takes no new ones, and cut off at its deadline', async () => {
    await start({});
    const socket = dial();
    await once(socket, 'open');
    const drain = app.app.get(DrainService);
    const cutOff = await drain.drain(200);
    expect(cutOff).toHaveLength(1);
    expect((await refusal()).status).toBe(503);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    const close = once(socket, 'close');
    for (const exchange of cutOff) exchange.abortResponse(); // as main.ts does
    expect(await close).toMatchObject([1006, expect.anything()]);
    expect(await app.requestLine(PATH, 2)).toMatchObject({ status: 101, outcome: 'client_aborted' });
  });

  it('lets a drain end when it ends', async () => {
    await start({});
    const socket = dial();
    await once(socket, 'open');
    const drained = app.app.get(DrainService).drain(60_000);
    socket.close();
    expect(await drained).toEqual([]);
  });

  it('goes through the outbound proxy', async () => {
    const tunnels: string[] = [];
    const proxy = tunnelling({ onTunnel: ({ url = '' }) => tunnels.push(url) }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    await start({ TRACEVAULT_OUTBOUND_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    const socket = dial();
    await once(socket, 'open');
    socket.send('through');
    expect(String((await once(socket, 'message'))[0])).toBe('through');
    expect(tunnels).toEqual([new URL(app.upstream.url).host]);
    socket.close();
    await app.requestLine(PATH);
    proxy.close();
  });

  it('is a 502 in the envelope where the upstream can’t be reached', async () => {
    await start({}, { adjust: (config) => ({ ...config, upstream: at(config, 'http://127.0.0.1:1') }) });
    const { status, body } = await refusal();
    expect([status, body]).toEqual([502, expect.stringContaining('"type":"server_error"')]);
  });

  it('is a 502 in the envelope where the upstream is not connected in time', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await start(
      {},
      {
        adjust: (config) => ({ ...config, upstream: { ...at(config, url), connectTimeoutMs: 200 } }),
      },
    );
    expect(await refusal()).toEqual({
      status: 502,
      body: expect.stringContaining('could not connect'),
    });
    silent.close();
  });
});

/** Resolves with all that comes until the other side ends or breaks off. */
async function received(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  if (!socket.readableEnded && !socket.destroyed)
    await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  return Buffer.concat(chunks);
}

function at<Upstream extends { baseUrls: object }>(
  { upstream }: { upstream: Upstream },
  url: string,
): Upstream {
  return { ...upstream, baseUrls: { ...upstream.baseUrls, openai: url } };
}
