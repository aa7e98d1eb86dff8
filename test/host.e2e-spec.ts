import { useApp } from './support/app';
import { isComplete, sendRaw } from './support/raw-http';

const PUBLIC_URL = 'https://vault.example.com:8443';

/** A page of another site whose name is led to this machine (DNS rebinding) is of one origin with what answers here. */
describe('the Host of a request', () => {
  const app = useApp({
    env: { TRACEVAULT_PUBLIC_URL: PUBLIC_URL, TRACEVAULT_ALLOWED_HOSTS: 'vault, *.Internal.example' },
  });

  beforeAll(async () => {});

  const ask = (target: string, hosts: string[], { method = 'GET', version = '1.1', body = '' } = {}) =>
    sendRaw(
      app.port,
      [
        `${method} ${target} HTTP/${version}`,
        ...hosts.map((host) => `Host: ${host}`),
        ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  const statusOf = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status;

  it('of another name signs nobody up', async () => {
    const sent = { email: 'eve@example.com', password: 'a long enough one', org_name: 'evil' };
    const body = JSON.stringify(sent);
    const answer = await ask('/api/v1/auth/register', ['evil.example'], { method: 'POST', body });
    expect(answer.status).toBe(421);
    const { statusCode, error, message } = JSON.parse(answer.text.split('\r\n\r\n')[1]!);
    expect([statusCode, error]).toEqual([421, 'Misdirected Request']);
    expect(message).toContain(`Open ${PUBLIC_URL}`);
    expect(message).toContain('TRACEVAULT_ALLOWED_HOSTS');
    const { first_start } = (await (await app.api('GET', 'server')).json()) as { first_start: boolean };
    expect(first_start).toBe(true);
  });

  it.each([
    'vault.example.com:8443',
    'VAULT.EXAMPLE.COM',
    'vault.example.com.',
    'vault:3000',
    'a.b.internal.example',
    'localhost:1',
    'app.localhost',
    '192.0.2.7:3000',
    '[::1]',
  ])('is ours as %s', async (host) => {
    expect(await statusOf('/api/v1/server', [host])).toBe(200);
  });

  it.each([
    'evil.example',
    'vault.example.com.evil.example',
    'internal.example',
    'localhost@evil.example',
    '',
    ' ',
    'a b',
  ])('is not ours as %j, for the API, the explorer and the pages', async (host) => {
    for (const path of [
      '/api/v1/server',
      '/api/docs',
      '/api/docs-json',
      '/api/docs/swagger-ui.css',
      '/api/nowhere',
    ])
      expect([path, await statusOf(path, [host])]).toEqual([path, 421]);
    for (const path of ['/', '/sign-in', '/me/keys/', '/favicon.svg', '/nowhere']) {
      const { status, text } = await ask(path, [host]);
      expect([path, status]).toEqual([path, 421]);
      expect(text).toMatch(/content-type: text\/plain/i);
      expect(text).toContain(PUBLIC_URL);
      if (host.trim() !== '') expect(text).not.toContain(host);
    }
  });

  it('is missed where it is left out, as HTTP/1.0 may', async () => {
    expect(await statusOf('/api/v1/server', [], { version: '1.0' })).toBe(421);
    expect(await statusOf('/health/live', [], { version: '1.0' })).toBe(200);
  });

  it('counts in the target as well as in the header', async () => {
    for (const [target, host] of [
      ['http://evil.example/api/v1/server', 'localhost'],
      ['http://localhost/api/v1/server', 'evil.example'],
      ['http://localhost@evil.example/api/v1/server', 'localhost'],
      ['HTTP://evil.example', 'localhost'],
      ['http:///api/v1/server', 'localhost'],
    ] as const)
      expect([target, host, await statusOf(target, [host])]).toEqual([target, host, 421]);
    expect(await statusOf('http://localhost:3000/api/v1/server', ['localhost:3000'])).toBe(200);
  });

  it('is anything for probes, and for agents, whose token no browser sends by itself', async () => {
    const { token } = await app.signUp();
    for (const path of ['/health/live', '/health/ready', 'http://evil.example/health/live'])
      expect([path, await statusOf(path, ['10-0-0-7.pod.cluster'])]).toEqual([path, 200]);
    const { status } = await sendRaw(
      app.port,
      `GET /proxy/anthropic/v1/models HTTP/1.1\r\nHost: any.name\r\nx-api-key: ${token}\r\n\r\n`,
      { until: isComplete },
    );
    expect(status).toBe(200);
  });

  it('has a line in the log like any other request', async () => {
    await ask('/api/v1/refused-by-name', ['only-here.example']);
    expect(await app.requestLine('/api/v1/refused-by-name')).toMatchObject({
      status: 421,
      outcome: 'rejected',
    });
    expect(app.log).not.toContain('only-here.example');
  });
});
