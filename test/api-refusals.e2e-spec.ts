import { TestApp } from './support/app';
import { isComplete, sendRaw } from './support/raw-http';

describe('refusals under /api', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  async function post(
    body: string | Buffer,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) {
    const response = await fetch(`${app.url}/api/v1/auth/login`, { method: 'POST', headers, body });
    const text = await response.text();
    const parsed = JSON.parse(text) as { statusCode: number; error: string; message: string };
    expect(Object.keys(parsed).sort()).toEqual(['error', 'message', 'statusCode']);
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
