import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Person, TestApp } from './support/app';
import { PROVIDERS_UNDER_TEST } from './support/providers';
import { isComplete, sendRaw } from './support/raw-http';

describe.each(PROVIDERS_UNDER_TEST)('paths through the proxy to $name', (row) => {
  const { provider, prefix } = row;
  let app: TestApp;
  let person: Person;
  let elsewhere: Server;
  let elsewhereHost: string;
  let strayRequests = 0;

  beforeAll(async () => {
    app = await TestApp.start({ provider });
    person = await app.signUp();
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.end();
    });
    elsewhere = createServer((_request, response) => {
      strayRequests++;
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    elsewhereHost = `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await app.close();
    elsewhere.close();
  });

  /** The request line as given, which no client library would let through. */
  async function send(target: string, method = 'GET', host = 'localhost') {
    const head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${row.tokenHeader(person.token).join(': ')}\r\n\r\n`;
    const headers = method === 'HEAD' ? (text: string) => text.includes('\r\n\r\n') : isComplete;
    return sendRaw(app.port, Buffer.from(head, 'latin1'), { until: headers });
  }

  function expectEnvelope(answer: string): void {
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as object;
    const error = { type: 'api_error', message: expect.any(String), requestId: expect.any(String) };
    expect(body).toEqual(row.envelope(error));
  }

  it.each([
    '/v1/messages?beta=true',
    '/v1/messages/count_tokens',
    '/v1/models?limit=1000',
    '/v1/messages/batches/msgbatch_1/results',
    '/v1/messages?',
    '/v1/a%2Fb%20c%3F?x=%26&y=a+b&y=#',
    '/v1/%zz/%ff',
    '/v1/./a//b/',
    '/v1/...//..a/a../%2e',
    '/v1/%252e%252e/a',
    '/v1/a;b=c/@:!$&\'()*+,=~"<>[]^`{|}',
    '/V1/Messages',
    `/v1/${'long/'.repeat(1000)}`,
    '?only=query',
  ])('goes upstream untouched: %s', async (rest) => {
    expect((await send(`${prefix}${rest}`)).status).toBe(200);
    expect(app.upstream.last.target).toBe(rest.startsWith('/') ? rest : `/${rest}`);
  });

  it('refuses bytes above ASCII that are not encoded: no URL may hold them', async () => {
    const before = app.upstream.requests.length;
    expect((await send(`${prefix}/v1/\xe4\xff`)).status).toBe(400);
    expect(app.upstream.requests).toHaveLength(before);
  });

  it.each(['', '/'])('asks the upstream for its root at its prefix and %j', async (rest) => {
    expect((await send(`${prefix}${rest}`, 'HEAD')).status).toBe(200);
    expect(app.upstream.last).toMatchObject({ method: 'HEAD', target: '/' });
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'])(
    'passes %s',
    async (method) => {
      expect((await send(`${prefix}/v1/any`, method)).status).toBe(200);
      expect(app.upstream.last.method).toBe(method);
      expect(app.upstream.last.headers['transfer-encoding']).toBeUndefined();
    },
  );

  it.each([
    '/v1/../secret',
    '/..',
    '/v1/%2e%2e/secret',
    '/v1/%2E%2e',
    '/v1/.%2e/secret',
    '/v1/%2E./secret',
    '/v1/..%2fsecret',
    '/v1/..%2Fsecret',
    '/v1\\..\\secret',
    '/v1/..\\secret',
    '/v1%5c..%5Csecret',
    '/v1%2f%2e%2e%2fsecret',
    '/v1/..?x=1',
  ])('refuses to climb: %s', async (rest) => {
    const before = app.upstream.requests.length;
    const answer = await send(`${prefix}${rest}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(row.noRetry);
    expectEnvelope(answer.text);
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('refuses TRACE, whose answer would show the key', async () => {
    const before = app.upstream.requests.length;
    expect((await send(`${prefix}/v1/messages`, 'TRACE')).status).toBe(400);
    expect(app.upstream.requests).toHaveLength(before);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['an absolute-form target', () => send(`http://${elsewhereHost}${prefix}/v1/models`)],
    ['an absolute-form target without the prefix', () => send(`http://${elsewhereHost}/v1/models`)],
    ['//host in front', () => send(`//${elsewhereHost}${prefix}/v1/models`)],
    ['//host behind the prefix', () => send(`${prefix}//${elsewhereHost}/v1/models`)],
    ['a whole URL behind the prefix', () => send(`${prefix}/http://${elsewhereHost}/v1/models`)],
    ['@host behind the prefix', () => send(`${prefix}@${elsewhereHost}/v1/models`)],
    ['a port behind the prefix', () => send(`${prefix}:80@${elsewhereHost}/`)],
    ['an encoded //host', () => send(`${prefix}/%2f%2f${elsewhereHost}/v1/models`)],
    ['backslashes', () => send(`${prefix}\\\\${elsewhereHost}\\v1`)],
    ['the Host header', () => send(`${prefix}/v1/models`, 'GET', elsewhereHost)],
    [
      'a redirect',
      async () => {
        app.upstream.answerWith(
          (_request, response) =>
            response.writeHead(307, { location: `http://${elsewhereHost}/` }).end() as never,
        );
        return send(`${prefix}/v1/models`);
      },
    ],
  ])('sends no key elsewhere: %s', async (_name, attack) => {
    const answer = (await attack()) as { status: number };
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(strayRequests).toBe(0);
    for (const { headers } of app.upstream.requests)
      expect(headers.host).toBe(new URL(app.upstream.url).host);
  });

  it('answers an absolute-form target below the prefix with 400 in the envelope', async () => {
    const answer = await send(`http://${elsewhereHost}${prefix}/v1/models`);
    expect(answer.status).toBe(400);
    expectEnvelope(answer.text);
  });

  it.each([
    [`${prefix}x/v1`, 400],
    ['/proxy/nobody/v1/models', 400],
    ['/proxy', 400],
    [prefix.replace('proxy', 'PROXY'), 404],
    [prefix.replace('p', '%70'), 404],
  ])('goes nowhere: %s', async (target, status) => {
    const before = app.upstream.requests.length;
    expect((await send(target)).status).toBe(status);
    expect(app.upstream.requests).toHaveLength(before);
  });
});

describe('an upstream with a path prefix', () => {
  it('gets its prefix in front of each path', async () => {
    const app = await TestApp.start();
    const prefixed = await TestApp.start({
      env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `${app.upstream.url}/gateway/anthropic/` },
    });
    const { token } = await prefixed.signUp();
    await fetch(`${prefixed.proxyUrl}/v1/models?limit=1`, { headers: { 'x-api-key': token } });
    expect(app.upstream.last.target).toBe('/gateway/anthropic/v1/models?limit=1');
    await prefixed.close();
    await app.close();
  });
});
