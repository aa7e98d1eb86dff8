import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { freshDatabase } from '../support/database';
import { FakeAnthropic } from '../support/fake-anthropic';
import { runServer, signUpAt, TestProcess } from '../support/process';
import { Nginx } from './nginx';

/** Longer than each of nginx's own defaults (60 s) and than TraceVault's idle connections (75 s). */
const SILENCE_MS = Number(process.env.SILENCE_SECONDS ?? 80) * 1000;
const MB = 1024 * 1024;
const UPLOAD = 64 * MB;

/** deploy/nginx in front of a real server, asked over TLS. */
describe('through nginx', () => {
  let upstream: FakeAnthropic;
  let server: TestProcess;
  let nginx: Nginx;
  let token: string;
  const held = new Map<string, (exchange: Exchange) => void>();
  let silent: { event: Stream; upload: ClientRequest; source: Exchange; since: number };

  interface Exchange {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }
  interface Stream {
    readonly client: IncomingMessage;
    readonly source: ServerResponse;
  }

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    upstream.answerWith((request, response) => {
      const hand = held.get(request.url ?? '');
      if (hand) hand({ request, response });
      else request.resume().once('end', () => response.end('{}'));
    });
    const started = await runServer({
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_PUBLIC_URL: 'https://tracevault.example.com',
      TRUST_PROXY: '1',
    });
    server = started.server;
    token = await signUpAt(started.url);
    nginx = await Nginx.inFrontOf([started.port, started.port]);

    const event = await openStream('/silent');
    const upload = send('/silent-upload', { method: 'POST' });
    const source = hold('/silent-upload');
    upload.write('the beginning');
    silent = { event, upload, source: await source, since: performance.now() };
  });
  afterAll(async () => {
    await nginx?.stop();
    server.child.kill('SIGKILL');
    await upstream.close();
  });

  /** The upstream's side of the next request for this path. */
  function hold(path: string): Promise<Exchange> {
    return new Promise((resolve) => held.set(path, resolve));
  }

  function send(path: string, { method = 'POST', headers = {} } = {}): ClientRequest {
    const all = { 'x-api-key': token, 'content-type': 'application/json', ...headers };
    return nginx.request(`/proxy/anthropic${path}`, { method, headers: all });
  }

  async function answerTo(request: ClientRequest): Promise<{ status: number; body: string }> {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: (await response.toArray()).join('') };
  }

  /** Both ends of a stream, as soon as the client has its head. */
  async function openStream(path: string): Promise<Stream> {
    const exchange = hold(path);
    const request = send(path).end('{"stream":true}');
    const { request: asked, response: source } = await exchange;
    asked.resume();
    source.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const [client] = (await once(request, 'response')) as [IncomingMessage];
    return { client, source };
  }

  async function arrival({ client, source }: Stream, text: string): Promise<string> {
    const chunk = once(client, 'data');
    source.write(text);
    return String((await chunk)[0]);
  }

  it('an upgrade is answered 426, as without nginx', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    const { status, body } = await answerTo(send('/v1/responses', { method: 'GET', headers }).end());
    expect([status, body]).toEqual([426, expect.stringContaining('Upgrade')]);
  });

  it('each event arrives before the next one is sent, the head before the first', async () => {
    const stream = await openStream('/v1/events');
    for (const text of ['event: message_start\ndata: {}\n\n', ': ping\n\n', 'x', 'event: message_stop\n\n'])
      expect(await arrival(stream, text)).toBe(text);
    stream.source.end();
    await once(stream.client, 'end');
  });

  it('a large upload passes while it is sent, and whole', async () => {
    const exchange = hold('/v1/files');
    const request = send('/v1/files', { headers: { 'content-length': UPLOAD } });
    const chunk = randomBytes(MB);
    const hash = createHash('sha256').update(chunk);
    request.write(chunk);
    const { request: asked, response: source } = await exchange; // before the rest exists
    let seen = 0;
    asked.on('data', (bytes: Buffer) => (seen += bytes.length));
    while (seen < MB) await once(asked, 'data');
    for (let sent = MB; sent < UPLOAD; sent += MB) {
      hash.update(chunk);
      if (!request.write(chunk)) await once(request, 'drain');
    }
    const answered = answerTo(request.end());
    const body = await upstream.last.body;
    source.end('stored');
    expect(await answered).toEqual({ status: 200, body: 'stored' });
    expect(body).toMatchObject({ bytes: UPLOAD, sha256: hash.digest('hex') });
  });

  it('a body above the limit is refused by TraceVault and not by nginx, and the client can read it', async () => {
    const request = send('/v1/messages', { headers: { 'content-length': 40 * MB } });
    request.on('error', () => undefined); // it stops sending when the answer is there
    const answered = answerTo(request);
    const chunk = Buffer.alloc(MB, 'a');
    void (async () => {
      for (let sent = 0; sent < 40 && !request.destroyed; sent++) {
        if (!request.write(chunk)) await Promise.race([once(request, 'drain'), answered]);
      }
    })();
    const { status, body } = await answered;
    request.destroy();
    expect([status, JSON.parse(body)]).toMatchObject([
      413,
      { type: 'error', error: { type: 'request_too_large' } },
    ]);
  });

  it('target, headers and bytes pass as they were sent', async () => {
    const target = '/v1/a%2Fb//c/%C3%A9?a=%20&beta=true&';
    const exchange = hold(target);
    const zipped = gzipSync('{"a":1}'.repeat(1000));
    const request = send(target, {
      headers: { 'content-encoding': 'gzip', 'accept-encoding': 'gzip', 'anthropic-odd_name': 'x' },
    });
    const response = once(request.end(zipped), 'response') as Promise<[IncomingMessage]>;
    const { request: asked, response: source } = await exchange;
    expect(Buffer.concat(await asked.toArray())).toEqual(zipped);
    expect(asked.headers).toMatchObject({ 'content-encoding': 'gzip', 'anthropic-odd_name': 'x' });
    source.writeHead(200, { 'content-type': 'text/html', 'content-length': '20000' }).end('a'.repeat(20_000));
    const [answer] = await response;
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect((await answer.toArray()).join('')).toBe('a'.repeat(20_000));
  });

  it('a stream that breaks off does not look complete', async () => {
    const stream = await openStream('/v1/broken');
    await arrival(stream, 'event: message_start\n\n');
    stream.source.destroy();
    await expect(stream.client.toArray()).rejects.toThrow('aborted');
  });

  it('a client that leaves ends the request at the upstream', async () => {
    const { client, source } = await openStream('/v1/left');
    const closed = once(source, 'close');
    client.destroy();
    await closed;
  });

  it('the vendor’s errors and those of TraceVault are not replaced', async () => {
    const exchange = hold('/v1/overloaded');
    const answered = answerTo(send('/v1/overloaded').end('{}'));
    (await exchange).response.writeHead(502).end('the vendor’s own words');
    expect(await answered).toEqual({ status: 502, body: 'the vendor’s own words' });
    const unknown = await answerTo(nginx.request('/proxy/anthropic/v1/messages', { method: 'POST' }).end());
    expect([unknown.status, unknown.body]).toEqual([401, expect.stringContaining('authentication_error')]);
  });

  it(
    `${SILENCE_MS / 1000} seconds of silence end neither a stream nor an upload`,
    async () => {
      const { event, upload, source, since } = silent;
      await sleep(Math.max(0, SILENCE_MS - (performance.now() - since)));
      expect(await arrival(event, 'event: message_stop\n\n')).toBe('event: message_stop\n\n');
      event.source.end();
      await once(event.client, 'end');

      const answered = answerTo(upload.end(', the end'));
      expect((await source.request.toArray()).join('')).toBe('the beginning, the end');
      source.response.end('got it');
      expect(await answered).toEqual({ status: 200, body: 'got it' });
    },
    SILENCE_MS + 30_000,
  );

  it('where no server is there, the answer has the vendor’s envelope', async () => {
    server.child.kill('SIGKILL');
    await server.exit;
    const { status, body } = await answerTo(send('/v1/messages').end('{}'));
    expect([status, JSON.parse(body)]).toMatchObject([502, { type: 'error', error: { type: 'api_error' } }]);
    const others = [
      ['openai/v1/responses', { error: { type: 'server_error', param: null, code: null } }],
      ['openrouter?x', { error: { type: 'server_error' } }],
      ['gemini/v1beta/models?key=tvp_in-the-query', { error: { code: 502, status: 'UNAVAILABLE' } }],
      ['gemini-of-our-own/v1beta/models', { type: 'error', error: { type: 'api_error' } }],
    ] as const;
    for (const [path, envelope] of others) {
      const answer = await answerTo(nginx.request(`/proxy/${path}`).end());
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([502, envelope]);
    }
    expect(nginx.process.output + nginx.process.errors).not.toContain('in-the-query');
  });
});

/** The same file with a number that a test can reach. */
describe('through nginx, from one address', () => {
  let upstream: FakeAnthropic;
  let server: TestProcess;
  let nginx: Nginx;
  let token: string;

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    upstream.answerWith(() => undefined);
    const started = await runServer({
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
    });
    server = started.server;
    token = await signUpAt(started.url);
    const changes = { 'limit_conn clients 1024': 'limit_conn clients 3' };
    nginx = await Nginx.inFrontOf([started.port, started.port], changes);
  });
  afterAll(async () => {
    await nginx?.stop();
    server.child.kill('SIGKILL');
    await upstream.close();
  });

  it('more connections than are allowed are refused in the vendor’s envelope', async () => {
    const headers = { 'x-api-key': token };
    const held = Array.from({ length: 3 }, () =>
      nginx.request('/proxy/anthropic/v1/models', { headers }).end(),
    );
    for (const request of held) request.on('error', () => undefined); // they are ended unanswered
    await upstream.arrival(3);
    const [refused] = (await once(nginx.request('/api/v1/server').end(), 'response')) as [IncomingMessage];
    const body = (await refused.toArray()).join('');
    expect([refused.statusCode, refused.headers['retry-after'], JSON.parse(body)]).toMatchObject([
      429,
      '1',
      { type: 'error', error: { type: 'rate_limit_error' } },
    ]);
    for (const request of held) request.destroy();
  });
});
