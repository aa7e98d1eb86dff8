import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ANTHROPIC } from '../src/providers/anthropic';
import { KeyCheckService } from '../src/proxy/key-check.service';
import { Person, TestApp } from './support/app';
import { FakeAnthropic } from './support/fake-anthropic';
import { ACME } from './support/made-up-provider';
import { isComplete, sendRaw } from './support/raw-http';

const KEY = 'AIza-acme-stored';

/** A row in the table and nothing else. */
describe('a second provider', () => {
  let app: TestApp;
  let acme: FakeAnthropic;
  let person: Person;
  let keyless: Person;

  beforeAll(async () => {
    acme = await FakeAnthropic.start();
    app = await TestApp.start({
      providers: [ANTHROPIC, ACME],
      provider: ACME,
      adjust: (config) => ({
        ...config,
        upstream: { ...config.upstream, baseUrls: { ...config.upstream.baseUrls, acme: `${acme.url}/base` } },
      }),
    });
    [person, keyless] = [await app.signUp(KEY), await app.signUp(null)];
    await app.storeKey(person.token, 'sk-ant-stored', ANTHROPIC.id);
  });
  afterAll(async () => {
    await app.close();
    await acme.close();
  });

  async function send(...lines: string[]) {
    const answer = await sendRaw(app.port, [...lines, '', ''].join('\r\n'), { until: isComplete });
    const [head = '', body = ''] = answer.text.split('\r\n\r\n');
    return { ...answer, head, body };
  }
  const asPerson = (): string => `Authorization: Bearer ${person.token}`;

  it('gets a request byte for byte, with its own key, and its answer comes back byte for byte', async () => {
    const [sent, answered] = [randomBytes(300_000), gzipSync(randomBytes(300_000))];
    acme.answerWith(async (request, response) => {
      request.resume();
      await acme.last.body;
      response.writeHead(203, 'As Asked', { 'content-encoding': 'gzip', 'content-length': answered.length });
      response.end(answered);
    });
    const answer = await new Promise<{ status?: number; body: Buffer }>((resolve, reject) => {
      httpRequest(
        `${app.proxyUrl}/v2/talk%2F//x?a=%20&`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${person.token}`, 'content-length': sent.length },
        },
        (response) => {
          response
            .toArray()
            .then((chunks) => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }), reject);
        },
      ).end(sent);
    });
    const { target, headers, body, rawHeaders } = acme.last;
    expect(target).toBe('/base/v2/talk%2F//x?a=%20&');
    expect((await body).sha256).toBe(createHash('sha256').update(sent).digest('hex'));
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(rawHeaders.join(' ')).not.toContain(person.token);
    expect([answer.status, answer.body.equals(answered)]).toEqual([203, true]);
    expect(app.upstream.requests).toEqual([]);
  });

  it('has its own tables of headers, both ways', async () => {
    acme.answerWith((_request, response) => {
      response.writeHead(200, [
        ...['Acme-Quota', '1', 'X-Acme-Request-Id', 'acme-1', 'anthropic-quota', '2', 'request-id', '3'],
        ...['retry-after', '4', 'Authorization', KEY, 'content-length', '2'],
      ]);
      response.end('ok');
    });
    const { head } = await send(
      'GET /proxy/acme/v2/whoami HTTP/1.1',
      ...['Host: x', asPerson(), 'Acme-Trace: 1', 'anthropic-version: 2', 'x-api-key: 3', 'User-Agent: 4'],
      ...['Accept: */*', 'Connection: Acme-Hop', 'acme-hop: 5'],
    );
    expect(acme.last.rawHeaders).toEqual([
      ...['host', new URL(acme.url).host, 'Acme-Trace', '1', 'Accept', '*/*'],
      ...['authorization', `Bearer ${KEY}`, 'Connection', 'keep-alive'],
    ]);
    const names = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':')[0]);
    expect(names).toEqual([
      ...['Acme-Quota', 'X-Acme-Request-Id', 'content-length', 'Date', 'Connection', 'Keep-Alive'],
    ]);
    expect(await app.requestLine('/proxy/acme/v2/whoami')).toMatchObject({ upstream_request_id: 'acme-1' });
  });

  it.each<[string, () => string[], number, string, RegExp]>([
    [
      'no token',
      () => [],
      401,
      'authentication_error',
      /Set ACME_TOKEN \(Authorization: Bearer\) to a proxy token/,
    ],
    [
      'a token in another provider’s header',
      () => [`x-api-key: ${person.token}`],
      401,
      'authentication_error',
      /No TraceVault/,
    ],
    [
      'a malformed header',
      () => ['Authorization: Bearer'],
      401,
      'authentication_error',
      /how ACME_TOKEN is set/,
    ],
    [
      'its key for a token',
      () => [`Authorization: Bearer ${KEY}`],
      401,
      'authentication_error',
      /This is an Acme key.*the Acme console/,
    ],
    [
      'nothing stored',
      () => [`Authorization: Bearer ${keyless.token}`],
      401,
      'authentication_error',
      /no Acme key stored.*PUT \/api\/v1\/me\/keys\/acme/,
    ],
    [
      'a larger body',
      () => [asPerson(), 'Content-Length: 1048577'],
      413,
      'request_too_large',
      /allows: 1 MiB, 2 MiB for v2\/uploads\. Send/,
    ],
  ])('says no in its own envelope: %s', async (_name, lines, status, type, message) => {
    const before = acme.requests.length;
    const answer = await send('POST /proxy/acme/v2/talk HTTP/1.1', 'Host: x', ...lines());
    const [, ref] = /x-acme-request-id: (\S+)/.exec(answer.head)!;
    expect(answer.head).toMatch(/^content-type: application\/problem\+json\r$/m);
    expect(answer.head).toMatch(/^acme-retry: no\r$/m);
    expect(answer.head).not.toMatch(/^(?:request-id|x-should-retry)/m);
    const body = { problem: expect.stringMatching(message), code: `acme_${type}`, status, ref };
    expect([answer.status, JSON.parse(answer.body)]).toEqual([status, body]);
    expect(acme.requests).toHaveLength(before);
  });

  it.each([
    'GET /proxy/acme/../x',
    'GET /proxy/acme/v2/v2/talk',
    'GET /v2/talk',
    'GET http://evil.example/proxy/acme/x',
  ])('refuses what is not its path in its own words: %s', async (line) => {
    const before = acme.requests.length;
    const answer = await send(`${line} HTTP/1.1`, 'Host: x', asPerson());
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'acme_api_error',
      problem: expect.stringMatching(/ACME_URL.*http:\/\/127\.0\.0\.1:3000\/proxy\/acme/),
    });
    expect(acme.requests).toHaveLength(before);
  });

  it.each([
    ['an expectation that nobody knows', 417, 'GET', ['Expect: 200-ok']],
    ['a CONNECT', 405, 'CONNECT', []],
  ])('has the process itself speak so: %s', async (_name, status, method, lines) => {
    const answer = await send(`${method} /proxy/acme/x HTTP/1.1`, 'Host: x', ...lines);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      { problem: expect.any(String), code: 'acme_api_error', status, ref: null },
    ]);
  });

  it('has a larger body where its row says so', async () => {
    acme.answerWith(async (request, response) => {
      request.resume();
      await acme.last.body;
      response.end('ok');
    });
    const upload = (path: string, bytes: number) =>
      fetch(app.proxyUrl + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${person.token}` },
        body: Buffer.alloc(bytes),
      });
    expect((await upload('/v2/uploads/1', 1024 * 1024 + 1)).status).toBe(200);
    expect((await upload('/v2/uploads', 2 * 1024 * 1024 + 1)).status).toBe(413);
  });

  it('is asked whether it takes a key by the call of its row', async () => {
    acme.answerWith((_request, response) => void response.writeHead(418).end('{"error":"no such key"}'));
    const checks = app.app.get(KeyCheckService, { strict: false });
    expect(await checks.check('acme', person.userId, KEY, new AbortController().signal)).toEqual({
      result: 'refused',
      status: 418,
      words: 'no such key',
    });
    expect([acme.last.target, acme.last.rawHeaders]).toEqual([
      '/base/v2/whoami',
      [
        ...['host', new URL(acme.url).host, 'accept', 'text/plain'],
        ...['authorization', `Bearer ${KEY}`, 'Connection', 'keep-alive'],
      ],
    ]);
  });

  it('is in the explorer', async () => {
    const document = (await (await fetch(`${app.url}/api/docs-json`)).json()) as {
      paths: Record<string, unknown>;
      components: { schemas: object };
    };
    expect(document.paths).toMatchObject({
      '/proxy/acme/v2/talk': { post: { security: [{ bearer: [] }] } },
      '/proxy/acme/{path}': { get: expect.anything() },
      '/proxy/anthropic/v1/messages': { post: expect.anything() },
    });
    expect(document.components.schemas).toHaveProperty('AcmeError');
  });

  it('changes nothing for the first one', async () => {
    const before = acme.requests.length;
    const headers = { 'x-api-key': person.token, 'anthropic-version': '2023-06-01', 'acme-trace': '1' };
    const response = await fetch(`${app.url}/proxy/anthropic/v1/models`, { headers });
    expect([response.status, app.upstream.last.headers['x-api-key']]).toEqual([200, 'sk-ant-stored']);
    expect(app.upstream.last.headers['acme-trace']).toBeUndefined();
    const refused = await fetch(`${app.url}/proxy/anthropic/v1/models`);
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    expect(acme.requests).toHaveLength(before);
    for (const { rawHeaders } of acme.requests) expect(rawHeaders.join(' ')).not.toContain('sk-ant-');
  });
});
