import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ClientRequest, IncomingMessage, request as httpRequest } from 'node:http';
import { connect, Socket } from 'node:net';
import { Person, TestApp } from './support/app';
import { isComplete, openSocket, readRaw, sendRaw } from './support/raw-http';

describe('faults on the way', () => {
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp();
  });
  afterAll(() => app.close());

  /** After each fault: no request is left open on either side, and the next one works. */
  afterEach(async () => {
    const sockets = (): number =>
      Object.values(app.upstreamAgent.sockets).flatMap((list) => list ?? []).length;
    const deadline = Date.now() + 3_000;
    while (sockets() > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(sockets()).toBe(0);
    expect(app.upstreamAgent.requests).toEqual({});
    app.upstream.answerWithDefault();
    const response = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
    expect(response.status).toBe(200);
    await response.text();
  });

  function open(path: string, method = 'POST', headers: Record<string, string> = {}): ClientRequest {
    const request = httpRequest(app.proxyUrl + path, {
      method,
      headers: { 'x-api-key': person.token, ...headers },
    });
    request.on('error', () => undefined);
    return request;
  }

  const head = (...lines: string[]): string =>
    [
      'POST /proxy/anthropic/v1/messages HTTP/1.1',
      'Host: x',
      `x-api-key: ${person.token}`,
      ...lines,
      '',
      '',
    ].join('\r\n');

  describe('of the upstream:', () => {
    it.each([
      ['a length', { 'content-length': '10000000' }],
      ['chunks', { 'transfer-encoding': 'chunked' }],
    ])(
      'a reset in the middle of an upload with %s is a 502 that the client can read',
      async (_name, headers) => {
        app.upstream.answerWith((request) => {
          request.once('data', () => request.socket.resetAndDestroy());
        });
        const client = open('/v1/reset-upload', 'POST', headers);
        const sending = setInterval(() => client.write(Buffer.alloc(10_000)), 1);
        const [response] = (await once(client, 'response')) as [IncomingMessage];
        clearInterval(sending);
        expect(response.statusCode).toBe(502);
        expect((await response.toArray()).join('')).toContain('"api_error"');
        client.destroy();
      },
    );

    it('an answer that comes before the body is in reaches the client, which may go on sending', async () => {
      app.upstream.answerWith((_request, response) => {
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"early":true}');
      });
      const socket = await openSocket(app.port);
      socket.write(`${head('Content-Length: 3000000')}begin`);
      await once(socket, 'data');
      for (let part = 0; part < 29; part++) socket.write(Buffer.alloc(100_000, 'a'));
      socket.write(Buffer.alloc(100_000 - 'begin'.length, 'a'));
      // The connection is whole after that: the next request on it is answered.
      socket.write(`GET /proxy/anthropic/v1/next HTTP/1.1\r\nHost: x\r\nx-api-key: tvs_x\r\n\r\n`);
      const answer = await readRaw(socket, (text) => text.includes('authentication_error'));
      expect(answer.text).toContain('HTTP/1.1 401');
      expect(app.upstream.requests.filter(({ target }) => target === '/v1/next')).toHaveLength(0);
    });

    it('an early answer with the connection closed behind it reaches the client as well', async () => {
      app.upstream.answerWith((request, response) => {
        request.once('data', () => {
          response
            .writeHead(413, { 'content-type': 'application/json', connection: 'close' })
            .end('{"early":true}');
        });
      });
      const answer = await sendRaw(app.port, `${head('Content-Length: 100000')}begin`, {
        until: (text) => text.includes('early'),
      });
      expect(answer.status).toBe(413);
    });

    it('trailers and early hints stay behind, and the answer is whole', async () => {
      app.upstream.answerWith((_request, response) => {
        response.writeEarlyHints({ link: '</evil.css>; rel=preload' });
        response.writeHead(200, { trailer: 'x-checksum' });
        response.write('body');
        response.addTrailers({ 'x-checksum': 'abc', 'set-cookie': 'evil=1' });
        response.end();
      });
      const answer = await sendRaw(app.port, head('Content-Length: 0'), { until: isComplete });
      expect(answer.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer.text).not.toMatch(/evil|x-checksum|trailer/i);
      expect(answer.text).toContain('body');
    });

    it('more bytes than the length announced are nobody’s: the client gets the length, and the next answer is clean', async () => {
      app.upstream.answerWith((request) => {
        request.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngoodEVIL');
      });
      const response = await fetch(`${app.proxyUrl}/v1/long`, { headers: { 'x-api-key': person.token } });
      expect(await response.text()).toBe('good');
    });

    it.each([
      ['bytes that are no HTTP', 'SSH-2.0-OpenSSH\r\n'],
      ['a status that is none', 'HTTP/1.1 99 Odd\r\ncontent-length: 0\r\n\r\n'],
      ['a control character in the reason', 'HTTP/1.1 529 a\x01b\r\ncontent-length: 0\r\n\r\n'],
      ['a status of four digits', 'HTTP/1.1 2000 Odd\r\ncontent-length: 0\r\n\r\n'],
      [
        'both framings',
        'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcd'],
      ['a header with a null byte', 'HTTP/1.1 200 OK\r\nanthropic-x: a\0b\r\ncontent-length: 0\r\n\r\n'],
      [
        'a head of 64 KB',
        `HTTP/1.1 200 OK\r\nanthropic-x: ${'a'.repeat(65_536)}\r\ncontent-length: 0\r\n\r\n`,
      ],
    ])('%s are a 502', async (_name, bytes) => {
      app.upstream.answerWith((request) => {
        request.socket.end(bytes);
      });
      const response = await fetch(`${app.proxyUrl}/v1/odd`, { headers: { 'x-api-key': person.token } });
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({ error: { type: 'api_error' } });
    });

    it('a reset is one also where neither length nor chunks would show it', async () => {
      app.upstream.answerWith((request) => {
        request.socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: ping\n\n',
          () => setTimeout(() => request.socket.resetAndDestroy(), 20),
        );
      });
      const [response] = (await once(open('/v1/close-delimited-reset', 'GET').end(), 'response')) as [
        IncomingMessage,
      ];
      await expect(response.toArray()).rejects.toThrow('aborted');
      expect(await app.requestLine('/proxy/anthropic/v1/close-delimited-reset')).toMatchObject({
        outcome: 'upstream_failed',
      });
    });

    it('header bytes above ASCII come back as they are', async () => {
      app.upstream.answerWith((request) => {
        request.socket.end(
          Buffer.from(
            'HTTP/1.1 200 Fine\r\ncontent-disposition: filename="J\xc3\xbcrgen"\r\ncontent-length: 0\r\n\r\n',
            'latin1',
          ),
        );
      });
      const answer = await sendRaw(app.port, head('Content-Length: 0'), { until: isComplete });
      expect(answer.text).toContain('filename="J\xc3\xbcrgen"');
      expect(answer.text).toMatch(/^HTTP\/1\.1 200 Fine\r\n/);
    });

    it('a chunk that breaks off breaks the client’s stream', async () => {
      app.upstream.answerWith((request) => {
        request.socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\nzz\r\n');
      });
      const [response] = (await once(open('/v1/odd-chunk', 'GET').end(), 'response')) as [IncomingMessage];
      await expect(response.toArray()).rejects.toThrow('aborted');
    });

    it('an answer that ends with the connection is complete: nothing says otherwise', async () => {
      app.upstream.answerWith((request) => {
        request.socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end');
      });
      const response = await fetch(`${app.proxyUrl}/v1/close-delimited`, {
        headers: { 'x-api-key': person.token },
      });
      expect(await response.text()).toBe('until the end');
    });

    it.each([204, 304])('%i has no body, and the connection goes on', async (status) => {
      app.upstream.answerWith((_request, response) => void response.writeHead(status).end());
      const twice =
        `GET /proxy/anthropic/v1/none HTTP/1.1\r\nHost: x\r\nx-api-key: ${person.token}\r\n\r\n`.repeat(2);
      const answer = await sendRaw(app.port, twice, {
        until: (text) => text.split(`HTTP/1.1 ${status}`).length === 3 && text.endsWith('\r\n\r\n'),
      });
      expect(answer.text).not.toMatch(/transfer-encoding/i);
    });

    it('HEAD keeps the length of what is not sent', async () => {
      app.upstream.answerWith(
        (_request, response) => void response.writeHead(200, { 'content-length': 1234 }).end(),
      );
      const response = await fetch(`${app.proxyUrl}/v1/head`, {
        method: 'HEAD',
        headers: { 'x-api-key': person.token },
      });
      expect(response.headers.get('content-length')).toBe('1234');
    });
  });

  describe('of the client:', () => {
    it('a half-closed connection counts as one that left: the upstream request ends', async () => {
      app.upstream.answerWith(() => undefined);
      const arrival = app.upstream.arrival();
      const socket = await openSocket(app.port);
      socket.write(head('Content-Length: 0'));
      const upstream = await arrival;
      socket.end();
      expect((await upstream.closed).aborted).toBe(true);
    });

    it('one that resets the connection is noticed like one that closes it', async () => {
      app.upstream.answerWith((_request, response) => void response.write('x'));
      const arrival = app.upstream.arrival();
      const socket = await openSocket(app.port);
      socket.write(head('Content-Length: 0'));
      await once(socket, 'data');
      socket.resetAndDestroy();
      expect((await (await arrival).closed).aborted).toBe(true);
    });

    it('one that leaves after the whole answer is in the proxy’s hands costs nothing more', async () => {
      app.upstream.answerWith((_request, response) => void response.end('x'.repeat(1000)));
      const client = open('/v1/late', 'GET').end();
      const [response] = (await once(client, 'response')) as [IncomingMessage];
      await response.toArray();
      client.destroy();
      expect((await app.upstream.last.closed).aborted).toBe(false);
      expect(await app.requestLine('/proxy/anthropic/v1/late')).toMatchObject({ outcome: 'completed' });
    });
  });

  it('whatever the path, the key goes to the configured host and no other', async () => {
    const target = fc.stringMatching(/^[/?#@:.%A-Za-z0-9\\_~!$&'()*+,;=[\]-]{0,40}$/);
    app.upstream.answerWith((_request, response) => void response.end());
    const upstreamHost = new URL(app.upstream.url).host;
    await fc.assert(
      fc.asyncProperty(target, async (rest) => {
        const before = app.upstream.requests.length;
        const raw = `GET /proxy/anthropic${rest} HTTP/1.1\r\nHost: evil.example\r\nx-api-key: ${person.token}\r\nConnection: close\r\n\r\n`;
        const { status } = await sendRaw(app.port, raw);
        const arrived = app.upstream.requests.slice(before);
        expect(arrived).toHaveLength(status === 200 ? 1 : 0);
        for (const { headers, target: asked } of arrived) {
          expect(headers.host).toBe(upstreamHost);
          expect([rest, `/${rest}`]).toContain(asked);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('time', () => {
  afterEach(() => jest.useRealTimers());

  it('may jump: open streams don’t notice, sessions end when the clock says so and live again when it is set right', async () => {
    const app = await TestApp.start();
    const { token } = await app.signUp();
    let more: (text: string) => void = () => undefined;
    app.upstream.answerWith((_request, response) => {
      response.write('before ');
      more = (text) => response.end(text);
    });
    const call = () => fetch(`${app.proxyUrl}/v1/x`, { headers: { 'x-api-key': token } });
    const stream = await call();
    const faked: (keyof typeof globalThis)[] = [
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'performance',
    ];
    jest.useFakeTimers({
      now: Date.now() + 31 * 86_400_000,
      doNotFake: [...faked, 'clearTimeout', 'clearInterval', 'clearImmediate', 'nextTick', 'hrtime'] as never,
    });
    app.invalidateAuthCache(); // what is remembered of this moment must not outlast it
    expect((await call()).status).toBe(401);
    more('and after');
    expect(await stream.text()).toBe('before and after');
    jest.setSystemTime(Date.now() - 62 * 86_400_000);
    app.upstream.answerWithDefault();
    expect((await call()).status).not.toBe(401);
    jest.useRealTimers();
    expect((await call()).status).not.toBe(401);
    await app.close();
  });
});

(process.platform === 'linux' ? describe : describe.skip)(
  'an upstream whose network drops the first packet',
  () => {
    it('is a 502 after the connect timer', async () => {
      // A stopped process whose queue of connections is full: the kernel answers no further SYN.
      const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const port = Number(line.toString());
      child.kill('SIGSTOP');
      const fillers = Array.from({ length: 8 }, () =>
        connect(port, '127.0.0.1').on('error', () => undefined),
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(fillers.some(({ connecting }) => connecting)).toBe(true); // the queue is full

      const app = await TestApp.start({
        env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${port}` },
        adjust: (config) => ({ ...config, upstream: { ...config.upstream, connectTimeoutMs: 400 } }),
      });
      const { token } = await app.signUp();
      const started = performance.now();
      const response = await fetch(`${app.proxyUrl}/v1/x`, { headers: { 'x-api-key': token } });
      expect(response.status).toBe(502);
      expect(await response.text()).toContain('10 seconds');
      expect(performance.now() - started).toBeGreaterThan(390);
      await app.close();
      fillers.forEach((socket: Socket) => socket.destroy());
      child.kill('SIGKILL');
    });
  },
);
