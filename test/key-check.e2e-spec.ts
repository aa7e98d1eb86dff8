import { request as httpRequest } from 'node:http';
import { AddressInfo } from 'node:net';
import { DrainService } from '../src/server/drain.service';
import { Person, TestApp } from './support/app';
import { UpstreamHandler } from './support/fake-anthropic';
import { freePort } from './support/process';
import { tunnelling } from './support/tunnel';

const KEY = 'sk-ant-api03-checked-0123456789abcd';
const FINGERPRINT = 'sk-ant-api03…abcd';
const EARLIER = 'sk-ant-api03-earlier-0123456789efgh';

describe('a key that is checked before it is stored', () => {
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  beforeEach(async () => {
    app.upstream.answerWithDefault();
    person = await app.signUp(EARLIER);
    app.upstream.requests.length = 0;
  });
  afterAll(() => app.close());

  const put = (query: string, { key = KEY, of = app, whose = person } = {}): Promise<Response> =>
    of.api('PUT', `me/anthropic-key${query}`, { token: whose.token, body: { key } });

  /** What the next request through the proxy goes out with. */
  async function usedKey(of = app, whose = person): Promise<unknown> {
    of.upstream.answerWithDefault();
    await (await fetch(`${of.proxyUrl}/v1/models`, { headers: { 'x-api-key': whose.token } })).text();
    return of.upstream.last.headers['x-api-key'];
  }

  const answering =
    (status: number, body: string, headers = {}): UpstreamHandler =>
    (_, response) =>
      void response.writeHead(status, headers).end(body);
  const refusing = (status: number, message: string): UpstreamHandler =>
    answering(status, JSON.stringify({ type: 'error', error: { type: 'authentication_error', message } }));

  it('is stored when the provider takes it, who is asked once, for the list of models', async () => {
    const response = await put('?check=true');
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'works', fingerprint: FINGERPRINT },
    ]);
    expect(app.upstream.requests.map(({ method, target }) => [method, target])).toEqual([
      ['GET', '/v1/models?limit=1'],
    ]);
    expect(app.upstream.last.headers).toEqual({
      host: new URL(app.upstream.url).host,
      accept: 'application/json',
      'anthropic-version': '2023-06-01',
      'user-agent': 'tracevault',
      'x-api-key': KEY,
      connection: 'keep-alive',
    });
    expect(await usedKey()).toBe(KEY);
  });

  it.each([400, 401, 402, 403])('is refused in the provider’s words when it answers %d', async (status) => {
    app.upstream.answerWith(refusing(status, 'invalid x-api-key'));
    const response = await put('?check=true');
    expect([response.status, await response.json()]).toEqual([
      422,
      {
        statusCode: 422,
        error: 'Unprocessable Entity',
        message: [
          `Anthropic refused this key with ${status}: “invalid x-api-key”. Nothing was stored.`,
          'To store it anyway, send it again with force=true.',
        ],
        errors: [{ field: 'key', code: 'key_refused', message: expect.stringContaining(`with ${status}`) }],
      },
    ]);
    expect(await usedKey()).toBe(EARLIER);
  });

  it('is in no answer and in no log line, also when the provider’s words hold it', async () => {
    app.upstream.answerWith(refusing(401, `\u001b[31mThe key ${KEY} is not known. ${'x'.repeat(1000)}`));
    const response = await put('?check=true');
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(text).toContain('“?[31mThe key [key] is not known. xxx');
    expect(text.length).toBeLessThan(1_000); // with the words twice
    expect(text + app.log).not.toContain(KEY.slice(7, 25));
  });

  it.each<[string, UpstreamHandler, string]>([
    ['500', answering(500, 'oops'), 'Anthropic answered with 500. Nothing'],
    ['529', refusing(529, 'Overloaded'), 'Anthropic answered with 529: “Overloaded”. Nothing'],
    ['429', refusing(429, 'Slow down'), 'Anthropic answered with 429: “Slow down”. Nothing'],
    ['404', answering(404, '<html>'), 'Anthropic answered with 404. Nothing'],
    [
      'a reset',
      (request) => void request.socket.resetAndDestroy(),
      'Anthropic could not be reached. Nothing',
    ],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{');
        setImmediate(() => response.destroy());
      },
      'Anthropic could not be reached. Nothing',
    ],
  ])('is neither refused nor stored when the provider can’t say: %s', async (_, handler, words) => {
    app.upstream.answerWith(handler);
    const response = await put('?check=true');
    expect([response.status, await response.json()]).toEqual([
      502,
      {
        statusCode: 502,
        error: 'Bad Gateway',
        message: [expect.stringContaining(words), 'To store it anyway, send it again with force=true.'],
        errors: [
          {
            code: words.includes('reached') ? 'provider_unreachable' : 'provider_error',
            message: expect.stringContaining(words),
          },
        ],
      },
    ]);
    expect(await usedKey()).toBe(EARLIER);
    expect(app.log).not.toContain('A request failed');
  });

  it('goes no further than the upstream: a redirect is not followed', async () => {
    app.upstream.answerWith(answering(307, '', { location: `${app.upstream.url}/elsewhere` }));
    expect((await put('?check=true')).status).toBe(502);
    expect(app.upstream.requests.map(({ target }) => target)).toEqual(['/v1/models?limit=1']);
  });

  it('works also when the answer is longer than anybody reads', async () => {
    app.upstream.answerWith((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (response.write(Buffer.alloc(16_384)));
        response.once('drain', more);
      };
      more();
    });
    const asked = app.upstream.arrival();
    expect((await put('?check=true')).status).toBe(200);
    await (
      await asked
    ).closed;
  });

  it('is stored by force whatever the provider would say, who is not asked', async () => {
    app.upstream.answerWith(refusing(401, 'invalid x-api-key'));
    const response = await put('?check=true&force=true');
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'unchecked', fingerprint: FINGERPRINT },
    ]);
    expect(app.upstream.requests).toEqual([]);
    expect(await usedKey()).toBe(KEY);
  });

  it.each(['', '?check=false', '?force=true'])(
    'is stored with 204 and no question by PUT %s',
    async (query) => {
      const response = await put(query);
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect(app.upstream.requests).toEqual([]);
      expect(await usedKey()).toBe(KEY);
    },
  );

  it.each(['?check=maybe', '?force=1', '?check=true&check=true'])('%s is refused', async (query) => {
    const response = await put(query);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { message: [expect.stringMatching(/^(check|force) must be a boolean/)] },
    ]);
  });

  it.each(['', '?check=true', '?check=true&force=true'])(
    'of another kind is refused by name, with the one to make instead: PUT %s',
    async (query) => {
      for (const [key, name] of [
        ['sk-ant-admin01-SECRET-0123456789', 'an admin key'],
        ['sk-ant-oat01-SECRET-0123456789', 'the token of a Claude subscription'],
      ] as const) {
        const response = await put(query, { key });
        const text = await response.text();
        expect(response.status).toBe(400);
        expect(text).toContain(`key is ${name}`);
        expect(text).toContain('https://console.anthropic.com/settings/keys');
        expect(text).not.toContain('SECRET');
      }
      expect(app.upstream.requests).toEqual([]);
      expect(await usedKey()).toBe(EARLIER);
    },
  );

  it('is given up when the client leaves: the question ends, and nothing is stored', async () => {
    app.upstream.answerWith(() => undefined);
    const asked = app.upstream.arrival();
    const call = httpRequest(`${app.url}/api/v1/me/anthropic-key?check=true`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    });
    call.on('error', () => undefined);
    call.end(JSON.stringify({ key: KEY }));
    const { closed } = await asked;
    const line = app.requestLine('/api/v1/me/anthropic-key', linesOf(app) + 1);
    call.destroy();
    expect(await closed).toMatchObject({ aborted: true });
    expect(await line).toMatchObject({ outcome: 'client_aborted' });
    expect(await usedKey()).toBe(EARLIER);
  });

  const linesOf = ({ log }: TestApp): number => log.split('"path":"/api/v1/me/anthropic-key"').length - 1;

  it('is asked about through the outbound proxy and below the base’s path, as everything is', async () => {
    const tunnels: (string | undefined)[] = [];
    const tunnel = tunnelling({ onTunnel: ({ url }) => tunnels.push(url) });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const upstream = app.upstream.url;
    const behind = await TestApp.start({
      env: {
        TRACEVAULT_ANTHROPIC_UPSTREAM: `${upstream}/base`,
        TRACEVAULT_OUTBOUND_PROXY: `http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`,
      },
    });
    app.upstream.answerWith(answering(200, '{}'));
    const whose = await behind.signUp(null);
    expect((await put('?check=true', { of: behind, whose })).status).toBe(200);
    expect(tunnels).toEqual([new URL(upstream).host]);
    expect(app.upstream.last.target).toBe('/base/v1/models?limit=1');
    await behind.close();
    tunnel.closeAllConnections();
    tunnel.close();
  });

  it('can’t be checked while nobody listens at the upstream', async () => {
    const alone = await TestApp.start({
      env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${await freePort()}` },
    });
    const whose = await alone.signUp(null);
    const response = await put('?check=true', { of: alone, whose });
    const text = await response.text();
    expect([response.status, text]).toEqual([502, expect.stringContaining('Anthropic could not be reached')]);
    expect(text).not.toContain('127.0.0.1'); // where the upstream is, is not for everybody
    expect(alone.log).toMatch(/ECONNREFUSED.*A key could not be checked/);
    await alone.close();
  });

  describe('by a provider that says nothing', () => {
    let quick: TestApp;

    beforeAll(async () => {
      quick = await TestApp.start({ adjust: (config) => ({ ...config, keyCheckMs: 300 }) });
    });
    afterAll(() => quick.close());

    it.each<[string, UpstreamHandler]>([
      ['at all', () => undefined],
      ['after the head', (_, response) => void response.writeHead(200).write('{')],
    ])('%s is not waited for longer than the limit, and the question ends', async (_, handler) => {
      const whose = await quick.signUp(null);
      quick.upstream.answerWith(handler);
      const asked = quick.upstream.arrival();
      const response = await put('?check=true', { of: quick, whose });
      expect([response.status, await response.json()]).toEqual([
        504,
        {
          statusCode: 504,
          error: 'Gateway Timeout',
          message: [expect.stringContaining('did not answer within 0.3 seconds'), expect.any(String)],
          errors: [
            {
              code: 'provider_timeout',
              message: expect.stringContaining('did not answer within 0.3 seconds'),
            },
          ],
        },
      ]);
      expect(await (await asked).closed).toMatchObject({ aborted: true });
    });

    it('holds a drain up for no longer than the limit', async () => {
      const whose = await quick.signUp(null);
      quick.upstream.answerWith(() => undefined);
      const asked = quick.upstream.arrival();
      const response = put('?check=true', { of: quick, whose });
      await asked;
      expect(await quick.app.get(DrainService).drain(60_000)).toEqual([]);
      expect((await response).status).toBe(504);
    });
  });

  it('is checked ten times a minute for one person, and stored without a check all the same', async () => {
    const limited = await TestApp.start({ adjust: (config) => ({ ...config, rateLimits: true }) });
    const [whose, other] = [await limited.signUp(null), await limited.signUp(null)];
    const statuses: number[] = [];
    for (let check = 0; check < 11; check++)
      statuses.push((await put('?check=true', { of: limited, whose })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
    const refused = await put('?check=true', { of: limited, whose });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(limited.upstream.requests).toHaveLength(10);
    expect((await put('?check=true&force=true', { of: limited, whose })).status).toBe(200);
    expect((await put('?check=true', { of: limited, whose: other })).status).toBe(200);
    await limited.close();
  });
});

describe('the fingerprint of a stored key', () => {
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp(KEY);
  });
  afterAll(() => app.close());

  const status = async (): Promise<unknown> =>
    (await app.api('GET', 'me/anthropic-key', { token: person.token })).json();

  it('is in its status and in the audit trail', async () => {
    expect(await status()).toMatchObject({ configured: true, fingerprint: FINGERPRINT });
    const events = await app.api('GET', 'me/audit-events', { token: person.token });
    expect(((await events.json()) as unknown[])[0]).toMatchObject({
      action: 'provider_key_stored',
      details: { fingerprint: FINGERPRINT },
    });
  });

  it('is that of the next key when it is replaced', async () => {
    await app.storeKey(person.token, EARLIER);
    expect(await status()).toMatchObject({ fingerprint: 'sk-ant-api03…efgh' });
  });

  it('is null of a key from before there were fingerprints', async () => {
    await app.dataSource.query('UPDATE provider_keys SET fingerprint = NULL');
    expect(await status()).toMatchObject({ configured: true, fingerprint: null });
  });
});
