import { TestApp, useApp } from './support/app';
import { isComplete, sendRaw } from './support/raw-http';

const manyFields = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n.toString(36)}`, 1])));

describe('refusals under /api', () => {
  const app = useApp();

  beforeAll(async () => {});

  async function post(
    body: string | Buffer,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) {
    const response = await fetch(`${app.url}/api/v1/auth/login`, { method: 'POST', headers, body });
    const text = await response.text();
    const parsed = JSON.parse(text) as { statusCode: number; error: string; message: string };
    expect(Object.keys(parsed).sort()).toEqual(['error', 'errors', 'message', 'statusCode']);
    expect(parsed.statusCode).toBe(response.status);
    return { status: response.status, text, error: parsed.error };
  }

  it.each<[string, string | Buffer, number]>([
    ['malformed JSON', '{"password":"sk-ant-CANARY', 400],
    ['JSON that is no object', '"sk-ant-CANARY"', 400],
    ['JSON with an invalid number', '{"password": sk-ant-CANARY}', 400],
    ['a list', '["sk-ant-CANARY"]', 400],
    ['null', 'null', 400],
    ['half a surrogate pair', '{"email":"\\ud800","password":"sk-ant-CANARY"}', 400],
    ['a body over 64 KB', JSON.stringify({ email: 'sk-ant-CANARY'.repeat(6000) }), 413],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x7b]), 400],
    ['more fields than anything here has', manyFields(65), 400],
    ['more elements than that', JSON.stringify({ email: Array(64).fill(1) }), 400],
    ['thousands of fields', manyFields(6_500), 400],
    ['a deep nest', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 400],
    ['__proto__', '{"__proto__":{"admin":true},"email":"a@example.com","password":"sk-ant-CANARY"}', 400],
    [
      'constructor',
      '{"constructor":{"prototype":{}},"email":"a@example.com","password":"sk-ant-CANARY"}',
      400,
    ],
  ])('%s is a 4xx in Nest’s shape that quotes nothing', async (_name, body, status) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('CANARY');
    expect(app.log).not.toContain('CANARY');
  });

  it.each([
    ['another content type', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a charset that is not UTF-8', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['an unknown encoding', { 'content-type': 'application/json', 'content-encoding': 'zstd' }],
  ])('%s is 415', async (_name, headers) => {
    expect(await post('{}', headers as unknown as Record<string, string>)).toMatchObject({
      status: 415,
      error: 'Unsupported Media Type',
    });
  });

  it('that have much to say name eight problems, and how many more there are', async () => {
    const response = await app.api('POST', 'auth/device/token', {
      body: JSON.parse(manyFields(60)) as object,
    });
    expect(response.status).toBe(400);
    const { message } = (await response.json()) as { message: string[] };
    expect(message).toHaveLength(9);
    expect(message[0]).toBe('property f0 should not exist');
    expect(message[8]).toBe('and 53 more'); // of 60, and one about the device code
  });

  it.each<[string, string]>([
    ['long', 'x'.repeat(50_000)],
    ['with controls', `a\u0000b\u001b[31m\u202e${'x'.repeat(60)}`],
    ['long in UTF-8', '\u{1f600}'.repeat(2_000)],
    ['with half a surrogate pair', '\ud800'.repeat(500)],
    ['that is a pattern', '$&$1'.repeat(100)],
  ])('quote the start of a name at most, of one that is %s', async (_, name) => {
    const fields = Array.from({ length: 9 }, (_, n) => [name.slice(0, 500) + String(n), 1] as const);
    const sent = { ...Object.fromEntries(fields), [name]: 1 };
    const response = await app.api('POST', 'auth/login', { body: sent });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(Buffer.byteLength(text)).toBeLessThan(6_144); // each name as a field, and in two messages
    const { message } = JSON.parse(text) as { message: string[] };
    expect(message[0]).toMatch(/^property [^\p{C}]{40,41} should not exist$/u);
  });

  it.each([
    ['a thousand parameters', Array.from({ length: 1_000 }, (_, n) => `p${n}=1`).join('&')],
    ['one parameter a thousand times', Array<string>(1_000).fill('limit=1').join('&')],
    ['a deep nest', `a${'[b]'.repeat(2_000)}=1`],
    ['a long name', `${'x'.repeat(10_000)}=1`],
    ['__proto__', '__proto__=1'],
    ['half of UTF-8', 'limit=%ff&before=%00'],
  ])('are short when a query holds %s', async (_, query) => {
    const { token } = await app.signUp(null);
    const response = await app.api('GET', `me/audit-events?${query}`, { token });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(Buffer.byteLength(text)).toBeLessThan(1_024);
  });

  it.each([
    ['a long path', 'GET', `/api/v1/${'x'.repeat(8_000)}`],
    ['a query behind an odd method', 'M-SEARCH', '/api/v1/nowhere?token=CANARY'],
    ['an odd method and a long path', 'M-SEARCH', `/api/v1/${'x'.repeat(8_000)}`],
    ['a path that can’t be decoded', 'DELETE', `/api/v1/auth/sessions/CANARY%ff${'x'.repeat(8_000)}`],
    ['a long organization', 'GET', `/api/v1/orgs/${'%22'.repeat(2_000)}/api-keys`],
  ])('are short, and quote no more than a path, when asked for %s', async (_, method, path) => {
    const answer = await sendRaw(app.port, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, {
      until: isComplete,
    });
    expect([400, 401, 404]).toContain(answer.status);
    expect(answer.text.split('\r\n\r\n')[1]!.length).toBeLessThan(2_048);
    expect(answer.text).not.toContain('CANARY');
  });

  it('an unknown route is 404 with a way on, and without the query', async () => {
    const response = await fetch(`${app.url}/api/v1/nowhere?token=CANARY`);
    expect(response.status).toBe(404);
    const { message } = (await response.json()) as { message: string };
    expect(message).toContain('/api/docs');
    expect(message).not.toContain('CANARY');
  });

  it.each(['/api/v1/orgs/%zz/api-keys', '/api/v1/orgs/%00/api-keys', '/api/v1/auth/sessions/%ff'])(
    'a path that does not decode is a 4xx: %s',
    async (path) => {
      const { token } = await app.signUp(null);
      const answer = await sendRaw(
        app.port,
        `DELETE ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        { until: isComplete },
      );
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    },
  );

  it('a null byte in an org’s name is 404, not an error of the database', async () => {
    const { token } = await app.signUp(null);
    expect((await app.api('GET', 'orgs/a%00b/api-keys', { token })).status).toBe(404);
  });

  it('carry security headers, and nothing that names the software', async () => {
    const { headers } = await fetch(`${app.url}/api/v1/auth/me`);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('an outage of the database is a 500 in Nest’s shape with a request id to look for', async () => {
    const broken = await TestApp.start();
    const { token } = await broken.signUp(null);
    await broken.dataSource.destroy();
    const response = await broken.api('GET', 'me/anthropic-key', { token });
    const { message } = (await response.json()) as { message: string };
    expect(response.status).toBe(500);
    expect(broken.log).toContain(/req_tv_\w+/.exec(message)![0]);
    await broken.close();
  });
});
