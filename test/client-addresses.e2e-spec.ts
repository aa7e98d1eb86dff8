import { TestApp, useApp } from './support/app';

/** What load balancers write into X-Forwarded-For: some with the port that the client came from. */
describe('the address of a client behind a reverse proxy', () => {
  const app = useApp({
    env: { TRUST_PROXY: '1' },
    adjust: (config) => ({ ...config, rateLimits: true }),
  });

  beforeEach(async () => {});

  const signIn = async (address: string, email: string): Promise<number> => {
    const headers = { 'x-forwarded-for': address };
    const body = { email, password: 'wrong password' };
    return (await app.api('POST', 'auth/login', { body, headers })).status;
  };

  it.each<[string, (n: number) => string, string]>([
    ['each with a port of its own', (n) => `203.0.113.8:${40_000 + n}`, '203.0.113.9:40000'],
    ['each with a port of its own, by IPv6', (n) => `[2001:db8::5]:${40_000 + n}`, '[2001:db8:0:1::5]:40000'],
    ['each from an address of its own in one IPv6 network', (n) => `2001:db8:0:2::${n}`, '2001:db8:0:1::5'],
  ])('is one client when 45 sign-ins come %s', async (_, address, other) => {
    const emails = Array.from({ length: 45 }, (_, n) => `user${n}@example.com`);
    const statuses = await Promise.all(emails.map((email, n) => signIn(address(n), email)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    expect(await signIn(other, 'user@example.com')).toBe(401);
  });

  it.each([
    ['203.0.113.8:40001', '203.0.113.8'],
    ['[2001:db8::5]:40001', '2001:db8::5'],
    ['::ffff:203.0.113.8', '203.0.113.8'],
    ['nonsense', null],
  ])('%s is kept in the audit trail and shown at a device login as %s', async (said, shown) => {
    const { token } = await app.signUp(null);
    const headers = { 'x-forwarded-for': said };
    const begun = await app.api('POST', 'auth/device/authorize', { body: {}, headers });
    const { user_code } = (await begun.json()) as { user_code: string };
    const waiting = await app.api('POST', 'auth/device/preview', { token, body: { user_code } });
    expect(await waiting.json()).toMatchObject({ client_address: shown });
    await app.api('POST', 'auth/device/approve', { token, body: { user_code }, headers });
    const trail = await app.api('GET', 'me/audit-events', { token });
    expect(((await trail.json()) as object[])[0]).toMatchObject({
      action: 'device_login_approved',
      address: shown,
    });
  });

  it('is found behind two proxies of which the nearer one writes ports', async () => {
    const behind = await TestApp.start({ env: { TRUST_PROXY: 'loopback,10.0.0.0/8' } });
    const { token } = await behind.signUp(null);
    const headers = { 'x-forwarded-for': '203.0.113.8:40001, 10.0.0.2:50001' };
    await behind.api('POST', 'auth/logout', { token, headers });
    const [row] = await behind.dataSource.query(
      `SELECT "address" FROM "audit_events" WHERE "action" = 'session_revoked'`,
    );
    expect(row).toEqual({ address: '203.0.113.8' });
    await behind.close();
  });
});
