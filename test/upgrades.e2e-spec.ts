import { setTimeout as sleep } from 'node:timers/promises';
import { DrainService } from '../src/server/drain.service';
import { Person, TestApp, useApp } from './support/app';
import { Scrape } from './support/metrics';
import { freePort } from './support/process';
import { PROVIDERS_UNDER_TEST } from './support/providers';
import { isComplete, openSocket, RawAnswer, sendRaw } from './support/raw-http';

const WEBSOCKET = [
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];

/** Requests that ask for another protocol, in all spellings of this wish. */
const UPGRADES: [name: string, line: string, headers: string[], body?: string][] = [
  ['a WebSocket', 'GET /v1/responses HTTP/1.1', ['Connection: Upgrade', ...WEBSOCKET]],
  [
    'a WebSocket in capitals',
    'GET /v1/responses HTTP/1.1',
    ['CONNECTION: UPGRADE', 'UPGRADE: WebSocket', ...WEBSOCKET.slice(1)],
  ],
  ['a connection that is kept', 'GET /v1/x HTTP/1.1', ['Connection: keep-alive, Upgrade', ...WEBSOCKET]],
  ['two Connection headers', 'GET /v1/x HTTP/1.1', ['Connection: x', 'Connection: upgrade', ...WEBSOCKET]],
  ['Upgrade before Connection', 'GET /v1/x HTTP/1.1', [...WEBSOCKET, 'Connection: ,upgrade ,']],
  ['a list of protocols', 'GET /v1/x HTTP/1.1', ['Connection: Upgrade', 'Upgrade: foo/1, websocket']],
  [
    'h2c',
    'GET /v1/models HTTP/1.1',
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
  ],
  ['HEAD', 'HEAD /v1/models HTTP/1.1', ['Connection: Upgrade', 'Upgrade: TLS/1.0']],
  ['POST without a body', 'POST /v1/x HTTP/1.1', ['Connection: Upgrade', ...WEBSOCKET]],
  [
    'POST with a body',
    'POST /v1/x HTTP/1.1',
    ['Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 4'],
    'abcd',
  ],
  [
    'POST with chunks',
    'POST /v1/x HTTP/1.1',
    ['Connection: Upgrade', 'Upgrade: websocket', 'Transfer-Encoding: chunked'],
    '4\r\nabcd\r\n0\r\n\r\n',
  ],
  [
    'GET with a body',
    'GET /v1/responses HTTP/1.1',
    ['Connection: Upgrade', ...WEBSOCKET, 'Content-Length: 4'],
    'abcd',
  ],
  [
    'a client that expects 100-continue',
    'POST /v1/x HTTP/1.1',
    ['Connection: Upgrade', 'Upgrade: h2c', 'Expect: 100-continue', 'Content-Length: 4'],
    'abcd',
  ],
  ['a request with a query', 'GET /v1/realtime?model=m HTTP/1.1', ['Connection: Upgrade', ...WEBSOCKET]],
  [
    'frames sent too early',
    'GET /v1/responses HTTP/1.1',
    ['Connection: Upgrade', ...WEBSOCKET],
    '\x81\x80abcd',
  ],
];

describe.each(PROVIDERS_UNDER_TEST)('an upgrade below the prefix of $name', (row) => {
  const { provider, prefix, requestIdHeader, envelope } = row;
  const app = useApp({ provider });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });
  beforeEach(() => app.upstream.answerWithDefault());

  const request = (line: string, headers: readonly string[], body = '', token = person.token): Buffer => {
    const tokenLines = token === '' ? [] : [row.tokenHeader(token).join(': ')];
    const start = line.replace(' /', ` ${prefix}/`);
    return Buffer.from([start, 'Host: x', ...tokenLines, ...headers, '', body].join('\r\n'), 'latin1');
  };
  const webSocket = (path: string, token = person.token): Buffer =>
    request(`GET ${path} HTTP/1.1`, ['Connection: Upgrade', ...WEBSOCKET], '', token);

  it.each(UPGRADES)(
    'is answered 426, and the connection ends: %s',
    async (_name, line, headers, body = '') => {
      const before = app.upstream.requests.length;
      const { text } = await sendRaw(app.port, request(line, headers, body));
      const [head = '', ...rest] = text.replace('HTTP/1.1 100 Continue\r\n\r\n', '').split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
      expect(head.toLowerCase()).toContain('\r\nconnection: close');
      expect(head).toContain(`content-type: ${row.errorContentType}`);
      expect(head).toContain(row.noRetry);
      const requestId = new RegExp(`^${requestIdHeader}: (.*)$`, 'm').exec(head)?.[1];
      expect(requestId).toMatch(/^req_tv_/);
      if (!line.startsWith('HEAD')) {
        const type = provider.dialect === 'anthropic' ? 'api_error' : 'upgrade_required';
        const message = expect.stringContaining('Send it as plain HTTP');
        expect(JSON.parse(rest.join(''))).toEqual(envelope({ type, message, requestId }));
      }
      expect(app.upstream.requests).toHaveLength(before);
    },
  );

  it.each([
    ['HTTP/1.0, in which it has to be ignored', 'HTTP/1.0', ['Connection: Upgrade', ...WEBSOCKET]],
    ['no Connection header', 'HTTP/1.1', WEBSOCKET],
    ['a Connection header without it', 'HTTP/1.1', ['Connection: close, upgraded', ...WEBSOCKET]],
    ['a Connection header alone', 'HTTP/1.1', ['Connection: Upgrade']],
    ['no protocol', 'HTTP/1.1', ['Connection: Upgrade', 'Upgrade: ']],
  ])('is none, but a plain request, with %s', async (_name, version, headers) => {
    const answer = await sendRaw(app.port, request(`GET /v1/models ${version}`, headers), {
      until: isComplete,
    });
    expect(answer.status).toBe(200);
    expect(app.upstream.last).toMatchObject({ target: '/v1/models', method: 'GET' });
    expect(app.upstream.last.headers).not.toHaveProperty('upgrade');
    expect(app.upstream.last.headers).not.toHaveProperty('sec-websocket-key');
  });

  it.each([
    ['no token', '', 401],
    ['an unknown token', 'tvs_unknown', 401],
    ['an organization’s API key', `tvk_${'0'.repeat(40)}`, 401],
  ])('with %s is refused as any request is, which says nothing of upgrades', async (_name, token, status) => {
    const plain = await sendRaw(app.port, request('GET /v1/responses HTTP/1.1', [], '', token), {
      until: isComplete,
    });
    const upgrade = await sendRaw(app.port, webSocket('/v1/responses', token), { until: isComplete });
    const comparable = (text: string): string => text.replaceAll(/req_tv_\w+/g, '').replace(/^Date.*$/m, '');
    expect(upgrade.status).toBe(status);
    expect(comparable(upgrade.text)).toBe(comparable(plain.text));
  });

  it.each(row.wrongTargets)('below a wrong base URL is told the right one: %s', async (target) => {
    const bytes = webSocket('/').toString('latin1').replace(`${prefix}/ `, `${target} `);
    const { status, text } = await sendRaw(app.port, bytes, { until: isComplete });
    expect([status, text]).toEqual([400, expect.stringContaining('This is not where the proxy is')]);
  });

  it('has one log line like any other', async () => {
    await sendRaw(app.port, webSocket('/v1/logged?secret=1'));
    expect(await app.requestLine(`${prefix}/v1/logged`)).toMatchObject({
      user_id: person.userId,
      method: 'GET',
      path: `${prefix}/v1/logged`,
      status: 426,
      outcome: 'rejected',
      error_type: 'api_error',
    });
    expect(app.log.split(`"${prefix}/v1/logged"`)).toHaveLength(2);
  });

  it('waits for its turn behind the request before it on the connection', async () => {
    const first = request('GET /v1/models HTTP/1.1', []);
    const { text } = await sendRaw(app.port, Buffer.concat([first, webSocket('/v1/responses')]));
    expect(text.indexOf('HTTP/1.1 200')).toBe(0);
    expect(text.indexOf('HTTP/1.1 426')).toBeGreaterThan(0);
  });

  it('leaves no connection and no exchange behind, not even of clients that leave at once', async () => {
    const connections = (): Promise<number> =>
      new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
    const before = await connections();
    for (let count = 0; count < 20; count++) {
      const socket = await openSocket(app.port);
      socket.write(webSocket(`/v1/gone${count}`), () => socket.destroy());
      await app.requestLine(`${prefix}/v1/gone${count}`);
    }
    await sendRaw(app.port, webSocket('/v1/responses'));
    while ((await connections()) > before) await sleep(5);
  });
});

describe('upgrades on a server with limits and metrics', () => {
  let app: TestApp;
  let person: Person;
  let metrics: number;

  beforeAll(async () => {
    metrics = await freePort();
    const env = { TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '1', TRACEVAULT_METRICS_PORT: String(metrics) };
    app = await TestApp.start({ env });
    person = await app.signUp();
  });
  afterAll(() => app.close());

  const upgrade = (target: string): Promise<RawAnswer> => {
    const lines = ['Host: localhost', `x-api-key: ${person.token}`, 'Connection: Upgrade', ...WEBSOCKET];
    return sendRaw(app.port, [`GET ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'), {
      until: isComplete,
    });
  };

  it('are counted as refusals, one each', async () => {
    const counted = async (): Promise<number> =>
      (await Scrape.from(metrics)).sum('tracevault_requests_total', {
        area: 'proxy',
        outcome: 'rejected',
        status_class: '4xx',
      });
    const before = await counted();
    expect((await upgrade('/proxy/anthropic/v1/counted')).status).toBe(426);
    await app.requestLine('/proxy/anthropic/v1/counted');
    expect((await counted()) - before).toBe(1);
  });

  it('take a place among the open requests while they are answered, and give it back', async () => {
    app.upstream.answerWith((_, response) => void response.writeHead(200).write('open'));
    const headers = { 'x-api-key': person.token };
    const stream = await fetch(`${app.proxyUrl}/v1/stream`, { headers });
    expect((await upgrade('/proxy/anthropic/v1/full')).status).toBe(429);
    await stream.body?.cancel();
    await app.requestLine('/proxy/anthropic/v1/stream');
    for (let count = 0; count < 3; count++)
      expect((await upgrade('/proxy/anthropic/v1/free')).status).toBe(426);
  });

  it('are refused with 503 while the server drains', async () => {
    const draining = await TestApp.start();
    const { token } = await draining.signUp();
    await draining.app.get(DrainService).drain(0);
    const lines = ['Host: x', `x-api-key: ${token}`, 'Connection: Upgrade', ...WEBSOCKET, '', ''];
    const answer = await sendRaw(draining.port, ['GET /proxy/anthropic/v1 HTTP/1.1', ...lines].join('\r\n'));
    expect(answer.status).toBe(503);
    await draining.close();
  });

  it.each([
    ['/', 200],
    ['/api/v1/providers', 401],
    ['/api/v1/nothing', 404],
    ['/health/live', 200],
    ['/proxy/nobody/v1/x', 400],
  ])('outside of the prefixes are plain requests: %s', async (target, status) => {
    expect((await upgrade(target)).status).toBe(status);
  });
});
