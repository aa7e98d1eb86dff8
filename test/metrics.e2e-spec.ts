import { once } from 'node:events';
import { IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { createServer, Socket } from 'node:net';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Person, TestApp } from './support/app';
import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { Scrape } from './support/metrics';
import { freePort, runBuilt, runServer, signUpAt } from './support/process';

describe('metrics', () => {
  let app: TestApp;
  let port: number;
  let person: Person;

  beforeAll(async () => {
    port = await freePort();
    app = await TestApp.start({ env: { TRACEVAULT_METRICS_PORT: String(port) } });
    person = await app.signUp();
  });
  afterAll(() => app.close());
  beforeEach(() => app.upstream.answerWithDefault());

  /** By how much a series rises while something is done. */
  async function rise(
    during: () => Promise<unknown>,
    name: string,
    labels: Record<string, string> = {},
  ): Promise<number> {
    const before = await Scrape.from(port);
    await during();
    return (await Scrape.from(port)).sum(name, labels) - before.sum(name, labels);
  }

  /** A request through the proxy, from its beginning until it has been logged, and therefore counted. */
  async function call(path: string, options: RequestInit = {}, logged = path): Promise<void> {
    const headers = { 'x-api-key': person.token };
    await fetch(app.proxyUrl + path, { headers, ...options })
      .then((response) => response.text())
      .catch(() => undefined); // broken streams are among what is counted
    await app.requestLine(`/proxy/anthropic${logged}`);
  }

  async function openStream(path: string): Promise<{ source: ServerResponse; stream: IncomingMessage }> {
    const opened = new Promise<ServerResponse>((resolve) => {
      app.upstream.answerWith((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        resolve(response);
      });
    });
    const headers = { 'x-api-key': person.token };
    const request = httpRequest(app.proxyUrl + path, { headers, agent: false }).end();
    request.on('error', () => undefined);
    const [stream] = (await once(request, 'response')) as [IncomingMessage];
    stream.on('error', () => undefined);
    return { source: await opened, stream };
  }

  it('are not on the public port, and nothing but them is on their own', async () => {
    for (const path of ['/metrics', '/api/metrics', '/health/metrics'])
      expect((await fetch(app.url + path)).status).toBe(404);
    const own = `http://127.0.0.1:${port}`;
    for (const path of ['/', '/metrics/', '/health/live', '/api/docs', '/proxy/anthropic/v1/models'])
      expect((await fetch(own + path)).status).toBe(404);
    expect((await fetch(`${own}/metrics`, { method: 'POST' })).status).toBe(404);
    const head = await fetch(`${own}/metrics?x=1`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });

  it('count a completed request: outcome, times and bytes both ways', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => setTimeout(() => response.end('1234567890'), 60)); // what is measured
    });
    const before = await Scrape.from(port);
    await call('/v1/completed', { method: 'POST', body: 'x'.repeat(1000) });
    const after = await Scrape.from(port);
    const rose = (name: string, labels = {}): number => after.sum(name, labels) - before.sum(name, labels);
    const completed = { area: 'proxy', outcome: 'completed', status_class: '2xx' };
    expect(rose('tracevault_requests_total', completed)).toBe(1);
    expect(rose('tracevault_requests_total')).toBe(1);
    expect(rose('tracevault_proxy_request_duration_seconds_count', { outcome: 'completed' })).toBe(1);
    expect(rose('tracevault_proxy_received_bytes_total')).toBe(1000);
    expect(rose('tracevault_proxy_sent_bytes_total')).toBe(10);
    for (const part of ['time_to_first_byte', 'upstream', 'overhead'])
      expect(rose(`tracevault_proxy_${part}_seconds_count`)).toBe(1);
    const [whole, upstream, own] = ['time_to_first_byte', 'upstream', 'overhead'].map((part) =>
      rose(`tracevault_proxy_${part}_seconds_sum`),
    );
    expect(upstream).toBeGreaterThanOrEqual(0.055);
    expect(own).toBeGreaterThan(0);
    expect(whole).toBeCloseTo(upstream! + own!, 6);
    expect(upstream).toBeGreaterThan(0.055); // it took 60 ms
  });

  it('count the bytes of a chunked body', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 5; chunk++) controller.enqueue(new Uint8Array(100));
        controller.close();
      },
    });
    const options = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect(await rise(() => call('/v1/chunked', options), 'tracevault_proxy_received_bytes_total')).toBe(500);
  });

  it('count an upstream’s own error as completed, with its class', async () => {
    app.upstream.answerWith((_, response) => void response.writeHead(529).end('{}'));
    const labels = { area: 'proxy', outcome: 'completed', status_class: '5xx' };
    expect(await rise(() => call('/v1/overloaded'), 'tracevault_requests_total', labels)).toBe(1);
    app.upstream.answerWith((_, response) => void response.writeHead(999).end('{}'));
    const odd = { ...labels, status_class: 'other' };
    expect(await rise(() => call('/v1/odd'), 'tracevault_requests_total', odd)).toBe(1);
  });

  it('show what is open, as long as it is', async () => {
    const open = async () => (await Scrape.from(port)).sum('tracevault_proxy_open_requests');
    expect(await open()).toBe(0);
    const streams = [await openStream('/v1/open'), await openStream('/v1/open')];
    expect(await open()).toBe(2);
    streams[0]!.source.end();
    streams[1]!.stream.destroy();
    await app.requestLine('/proxy/anthropic/v1/open', 2);
    expect(await open()).toBe(0);
  });

  it('count a client that leaves before any answer, and one that leaves a stream', async () => {
    app.upstream.answerWith(() => undefined);
    const leaves = async (): Promise<void> => {
      const arrival = app.upstream.arrival();
      const client = httpRequest(`${app.proxyUrl}/v1/left`, { headers: { 'x-api-key': person.token } });
      client.on('error', () => undefined).end();
      await arrival;
      client.destroy();
      await app.requestLine('/proxy/anthropic/v1/left');
    };
    const aborted = { area: 'proxy', outcome: 'client_aborted' };
    const before = await Scrape.from(port);
    await leaves();
    const { stream } = await openStream('/v1/walked-out');
    stream.destroy();
    await app.requestLine('/proxy/anthropic/v1/walked-out');
    const after = await Scrape.from(port);
    for (const status_class of ['none', '2xx']) {
      const labels = { ...aborted, status_class };
      const name = 'tracevault_requests_total';
      expect(after.sum(name, labels) - before.sum(name, labels)).toBe(1);
    }
    const failures = 'tracevault_upstream_failures_total';
    expect(after.sum(failures)).toBe(before.sum(failures));
  });

  it('count an upstream that gives no answer, and one that breaks off', async () => {
    const name = 'tracevault_upstream_failures_total';
    app.upstream.answerWith((request) => void request.socket.resetAndDestroy());
    expect(await rise(() => call('/v1/no-answer', { method: 'POST' }), name, { reason: 'no_answer' })).toBe(
      1,
    );
    app.upstream.answerWith((_request, response) => {
      response.writeHead(200);
      response.write('some', () => response.socket?.resetAndDestroy());
    });
    const before = await Scrape.from(port);
    await call('/v1/breaks-off');
    const after = await Scrape.from(port);
    expect(after.sum(name) - before.sum(name)).toBe(1);
    expect(after.sum(name, { reason: 'broken_off' }) - before.sum(name, { reason: 'broken_off' })).toBe(1);
    const failed = { area: 'proxy', outcome: 'upstream_failed' };
    expect(after.sum('tracevault_requests_total', { ...failed, status_class: '2xx' })).toBe(1);
    expect(after.sum('tracevault_requests_total', { ...failed, status_class: '5xx' })).toBe(1);
  });

  it('count who was let in by what they showed', async () => {
    const body = { name: 'ci' };
    const created = await app.api('POST', 'me/proxy-tokens', { token: person.token, body });
    const { token } = (await created.json()) as { token: string };
    const name = 'tracevault_proxy_credentials_total';
    const by = (credential: string) => ({ credential });
    const proxyToken = { headers: { 'x-api-key': token } };
    expect(await rise(() => call('/v1/by-token', proxyToken), name, by('proxy_token'))).toBe(1);
    expect(await rise(() => call('/v1/by-session'), name, by('session'))).toBe(1);
    expect(await rise(() => call('/v1/nobody', { headers: {} }), name)).toBe(0);
  });

  it('count refusals by their reason, at the proxy and at the API', async () => {
    const keyless = await app.signUp(null);
    const created = await app.api('POST', `orgs/${person.org}/api-keys`, {
      token: person.token,
      body: { name: 'ci' },
    });
    const { key: orgKey } = (await created.json()) as { key: string };
    const proxyToken = async (over: string): Promise<string> => {
      const body = { name: 'ci' };
      const response = await app.api('POST', 'me/proxy-tokens', { token: person.token, body });
      const { id, token } = (await response.json()) as { id: string; token: string };
      await app.dataSource.query(`UPDATE proxy_tokens SET ${over} = now() - interval '1 s' WHERE id = $1`, [
        id,
      ]);
      return token;
    };
    const [expired, ended] = [await proxyToken('expires_at'), await proxyToken('revoked_at')];
    const live = await proxyToken('last_used_at');
    const leaver = { email: keyless.email, password: keyless.password };
    const unknown = `tvs_${'0'.repeat(64)}`;
    const atProxy = (token: string, path: string) => call(path, { headers: { 'x-api-key': token } });
    const atApi = async (token: string): Promise<void> => {
      await app.api('GET', 'me/anthropic-key', token === '' ? {} : { token });
    };
    const cases: [string, string, () => Promise<unknown>][] = [
      ['proxy', 'missing_token', () => call('/v1/nobody', { headers: {} })],
      ['proxy', 'unknown_token', () => atProxy(unknown, '/v1/unknown')],
      ['proxy', 'proxy_token_expired', () => atProxy(expired, '/v1/expired')],
      ['proxy', 'proxy_token_revoked', () => atProxy(ended, '/v1/ended')],
      ['proxy', 'org_api_key', () => atProxy(orgKey, '/v1/org-key')],
      ['proxy', 'vendor_key_as_token', () => atProxy('sk-ant-x', '/v1/vendor-key')],
      ['proxy', 'no_key', () => atProxy(keyless.token, '/v1/keyless')],
      ['api', 'missing_token', () => atApi('')],
      ['api', 'unknown_token', () => atApi(unknown)],
      ['api', 'org_api_key', () => atApi(orgKey)],
      ['api', 'proxy_token', () => atApi(live)],
      [
        'api',
        'cross_origin',
        () =>
          app.api('DELETE', 'me/anthropic-key', {
            headers: {
              cookie: `tracevault_session_3000=${person.token}`,
              origin: 'http://elsewhere.example',
            },
          }),
      ],
      [
        'api',
        'other_person',
        () =>
          app.api('GET', 'auth/sessions', {
            token: person.token,
            headers: { 'x-tracevault-shown-user': keyless.userId },
          }),
      ],
      [
        'api',
        'wrong_password',
        () => app.api('POST', 'auth/login', { body: { email: person.email, password: 'not the right one' } }),
      ],
      [
        'api',
        'deactivated',
        async () => {
          await app.dataSource.query('UPDATE users SET deactivated_at = now() WHERE email = $1', [
            leaver.email,
          ]);
          await app.api('POST', 'auth/login', { body: leaver });
        },
      ],
      [
        'api',
        'passwords_busy',
        async () => {
          const leave = app.occupyHasher();
          await app.api('POST', 'auth/login', { body: leaver });
          leave();
        },
      ],
    ];
    for (const [area, reason, attempt] of cases) {
      const before = await Scrape.from(port);
      await attempt();
      let after = await Scrape.from(port);
      const name = 'tracevault_auth_failures_total';
      while (after.sum(name) === before.sum(name)) after = await Scrape.from(port); // the API's line comes with the close
      const labels = { area, reason };
      expect([area, reason, after.sum(name, labels) - before.sum(name, labels)]).toEqual([area, reason, 1]);
      expect(after.sum(name) - before.sum(name)).toBe(1);
      const rejected = { area, outcome: 'rejected', status_class: '4xx' };
      expect(after.sum('tracevault_requests_total', rejected)).toBeGreaterThan(0);
    }
  });

  it('show the pool of the database, the event loop and the process', async () => {
    await app.dataSource.query('SELECT 1');
    const scrape = await Scrape.from(port);
    expect(scrape.sum('tracevault_db_pool_size')).toBeGreaterThanOrEqual(1);
    expect(scrape.sum('tracevault_db_pool_max')).toBeGreaterThanOrEqual(
      scrape.sum('tracevault_db_pool_size'),
    );
    expect(scrape.labelsOf.has('tracevault_db_pool_idle')).toBe(true);
    expect(scrape.sum('tracevault_db_pool_waiting')).toBe(0);
    expect(scrape.sum('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(scrape.sum('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(scrape.text).not.toContain('nodejs_active_');
  });

  it('show what became of the content that is to be kept, and the memory of what waits', async () => {
    const kept = async () =>
      (await Scrape.from(port)).sum('tracevault_trace_bodies_total', { state: 'kept' });
    const before = await kept();
    await app.api('PUT', 'me/capture', { token: person.token, body: { content: true } });
    const headers = { 'x-api-key': person.token, 'x-session-id': 'kept' };
    await (await fetch(`${app.proxyUrl}/v1/models`, { headers })).text();
    while ((await kept()) < before + 2) await sleep(20);
    expect((await Scrape.from(port)).sum('tracevault_trace_buffer_bytes')).toBe(0);
    expect((await Scrape.from(port)).sum('tracevault_trace_spool_bytes')).toBe(0);
    await app.api('PUT', 'me/capture', { token: person.token, body: { content: false } });
  });

  it('show queries that wait for the database', async () => {
    const release = await app.occupyDatabase();
    const waiting = app.dataSource.query('SELECT 1');
    const scrape = await Scrape.from(port);
    await release();
    await waiting;
    // What the server does by itself may wait as well.
    expect(scrape.sum('tracevault_db_pool_waiting')).toBeGreaterThanOrEqual(1);
    expect(scrape.sum('tracevault_db_pool_idle')).toBe(0);
  });

  it('name nobody and no place: labels are words of ours, and few', async () => {
    await call(`/v1/CANARYpath/${person.token}?CANARYquery`, {}, '/v1/CANARYpath');
    await call(`/CANARY${person.userId}`, { method: 'POST', body: 'CANARYbody' });
    await fetch(`${app.url}/CANARYpage`);
    await app.api('GET', `CANARYapi/${person.token}`, { token: person.token });
    await app.calls(person);
    const { text, samples } = await Scrape.from(port);
    const secrets = [person.token, person.userId, person.email, person.org, person.apiKey, person.password];
    for (const secret of [...secrets, 'CANARY', 'v1/', '/proxy', '127.0.0.1'])
      expect([secret, text.includes(secret)]).toEqual([secret, false]);

    const values = new Map<string, Set<string>>();
    for (const { labels } of samples)
      for (const [label, value] of Object.entries(labels))
        values.set(label, (values.get(label) ?? new Set()).add(value));
    const words = (label: string): string[] => [...(values.get(label) ?? [])].sort();
    expect(words('area')).toEqual(
      ['api', 'health', 'pages', 'proxy'].filter((area) => words('area').includes(area)),
    );
    expect(words('outcome')).toEqual(['client_aborted', 'completed', 'rejected', 'upstream_failed']);
    for (const status of words('status_class')) expect(status).toMatch(/^([1-5]xx|none|other)$/);
    expect([words('model'), words('provider'), words('store')]).toEqual([
      ['none'],
      ['anthropic'],
      ['database', 'spool'],
    ]);
    expect(words('operation')).toEqual(['put', 'read', 'remove']);
    expect([...values.keys()].sort()).toEqual(
      // the last six are Node's and the process's own
      [
        'area',
        'cache',
        'credential',
        'le',
        'model',
        'operation',
        'outcome',
        'percent',
        'provider',
        'reason',
        'result',
        'state',
        'status_class',
        'store',
        'usage_state',
        'kind',
        'major',
        'minor',
        'patch',
        'space',
        'version',
      ].sort(),
    );
  });

  it('count what limits refuse, by provider and kind, and show what is reserved', async () => {
    const limited = await app.signUp();
    const path = `orgs/${limited.org}/limits`;
    const kinds = {
      spend: { period: 'day', amount_usd: '0', count_personal_keys: true },
      rate: { per_minute: { requests: 1 } },
      models: { allow: ['claude-haiku-*'] },
    };
    app.upstream.answerWith((request, response) => void request.resume().on('end', () => response.end('{}')));
    const send = (model: string): Promise<Response> => {
      const body = JSON.stringify({ model, max_tokens: 1, messages: [] });
      return fetch(`${app.proxyUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': limited.token },
        body,
      });
    };
    const left = 60_000 - (Date.now() % 60_000); // the first call of a minute is admitted, the second one is not
    if (left < 3_000) await new Promise((resolve) => setTimeout(resolve, left + 10));
    for (const [kind, more] of Object.entries(kinds)) {
      const body = { kind, scope: 'everyone', ...more };
      const { id } = (await (await app.api('POST', path, { token: limited.token, body })).json()) as {
        id: string;
      };
      if (kind === 'rate') await (await send('claude-haiku-4-5')).text();
      const name = 'tracevault_limit_refusals_total';
      const before = await Scrape.from(port);
      expect((await send('claude-opus-4-8')).ok).toBe(false);
      let after = await Scrape.from(port);
      while (after.sum(name) === before.sum(name)) after = await Scrape.from(port); // it is counted with the close
      const labels = { provider: 'anthropic', kind };
      expect([kind, after.sum(name, labels) - before.sum(name, labels)]).toEqual([kind, 1]);
      await app.api('DELETE', `${path}/${id}`, { token: limited.token });
    }
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      app.upstream.answerWith((request, response) => {
        request.resume();
        release = () => response.end('{}');
        resolve();
      });
    });
    const body = { kind: 'spend', scope: 'everyone', ...kinds.spend, amount_usd: '1000' };
    await app.api('POST', path, { token: limited.token, body });
    const open = send('claude-haiku-4-5');
    await arrived;
    const reserved = async () => (await Scrape.from(port)).sum('tracevault_limit_reservations');
    while ((await reserved()) !== 1) await new Promise((resolve) => setTimeout(resolve, 20)); // those before it go
    release();
    await (await open).text();
    while ((await reserved()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe('connections that fail are counted by what failed', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Accepts connections and says nothing, or ends them. */
  async function listener(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer(onConnection);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it.each<[string, () => Promise<string>, number?]>([
    ['connect_refused', async () => `http://127.0.0.1:${await freePort()}`],
    ['connect_dns', () => Promise.resolve('https://nowhere.invalid')],
    ['connect_tls', async () => `https://127.0.0.1:${await listener((socket) => socket.end('not TLS'))}`],
    [
      'connect_tls',
      async () =>
        `https://127.0.0.1:${await listener((socket) => socket.once('data', () => socket.resetAndDestroy()))}`,
    ],
    ['connect_timeout', async () => `https://127.0.0.1:${await listener((socket) => socket.resume())}`, 100],
  ])('%s', async (reason, upstream, connectTimeoutMs = 10_000) => {
    const port = await freePort();
    const app = await TestApp.start({
      env: { TRACEVAULT_METRICS_PORT: String(port), TRACEVAULT_ANTHROPIC_UPSTREAM: await upstream() },
      adjust: (config) => ({ ...config, upstream: { ...config.upstream, connectTimeoutMs } }),
    });
    closing.push(() => app.close());
    const { token } = await app.signUp();
    const response = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
    expect([response.status, await response.text()]).toEqual([502, expect.any(String)]);
    await app.requestLine('/proxy/anthropic/v1/models');
    const scrape = await Scrape.from(port);
    const name = 'tracevault_upstream_failures_total';
    expect([scrape.sum(name, { reason }), scrape.sum(name)]).toEqual([1, 1]);
    expect(scrape.sum('tracevault_proxy_time_to_first_byte_seconds_count')).toBe(0);
  });
});

describe('the port of the metrics', () => {
  it('is not there unless it is set', async () => {
    const app = await TestApp.start();
    expect((await fetch(`${app.url}/metrics`)).status).toBe(404);
    await app.close();
  });

  it('stops the start when it is taken, and the message names its variable', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const server = runBuilt('src/main.js', {
      ...(await freshDatabase()),
      PORT: String(await freePort()),
      TRACEVAULT_METRICS_PORT: String((taken.address() as AddressInfo).port),
    });
    expect(await server.exit).toBe(1);
    expect(server.errors).toMatch(
      /^TraceVault can't start\.\nMetrics can't be served on port \d+ \(EADDRINUSE\)/,
    );
    expect(server.errors).toContain('TRACEVAULT_METRICS_PORT');
    expect(server.errors).not.toContain('    at ');
    taken.close();
  });

  it('answers while the server drains', async () => {
    const upstream = await FakeAnthropic.start();
    const port = await freePort();
    const { server, url } = await runServer({
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_METRICS_PORT: String(port),
    });
    const token = await signUpAt(url);
    let source: ServerResponse | undefined;
    upstream.answerWith((_request, response) => {
      response.writeHead(200).flushHeaders();
      source = response;
    });
    const stream = await fetch(`${url}/proxy/anthropic/v1/models`, { headers: { 'x-api-key': token } });
    server.child.kill('SIGTERM');
    await server.says(/Draining/);
    expect((await Scrape.from(port)).sum('tracevault_proxy_open_requests')).toBe(1);
    source?.end('end');
    expect(await stream.text()).toBe('end');
    expect(await server.exit).toBe(0);
    await upstream.close();
  });
});
