import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { AuthCaches } from '../src/cache/auth-caches';
import { Person, TestApp, useApp } from './support/app';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const session = (): string => `tvs_${hex(32)}`;
const orgKey = (): string => `tvk_${hex(32)}`;
const proxyToken = (): string => {
  const text = `tvp_${hex(28)}`;
  return text + crc32(text).toString(16).padStart(8, '0');
};

describe('tokens and codes that nobody has', () => {
  const app = useApp({
    env: { TRUST_PROXY: 'loopback' },
    // The ledger, which is written behind the answers, would be counted with what a request asks the database.
    adjust: (config) => ({ ...config, rateLimits: true, ledgerFlushMs: 600_000 }),
  });
  let person: Person;
  /** How often a connection to the database was taken. */
  let taken = 0;
  let networks = 0;
  /** Which no other test has used. */
  const network = (): string => `10.1.0.${(networks += 1)}`;

  beforeAll(async () => {
    const { master: pool } = app.dataSource.driver as unknown as { master: EventEmitter };
    pool.on('acquire', () => (taken += 1));
    person = await app.signUp();
    const caches = app.app.get(AuthCaches);
    while (!caches.hasInvalidationFeed) await sleep(10);
  });

  const proxy = async (token: string, from: string): Promise<Response> => {
    const headers = { 'x-api-key': token, 'x-forwarded-for': from };
    return fetch(`${app.proxyUrl}/v1/models`, { headers });
  };
  const api = async (path: string, from: string, token: string, body?: object): Promise<Response> =>
    app.api(body === undefined ? 'GET' : 'POST', path, { token, body, headers: { 'x-forwarded-for': from } });
  const poll = async (code: unknown, from: string): Promise<[number, unknown]> => {
    const headers = { 'x-forwarded-for': from };
    const answer = await app.api('POST', 'auth/device/token', { body: { device_code: code }, headers });
    return [answer.status, ((await answer.json()) as { error: string }).error];
  };
  const count = (statuses: number[], status: number): number =>
    statuses.filter((one) => one === status).length;
  const many = async (times: number, ask: () => Promise<Response>): Promise<number[]> =>
    Promise.all(Array.from({ length: times }, async () => (await ask()).status));

  it.each([
    ['sessions', session],
    ['proxy tokens', proxyToken],
  ])('cost the proxy sixty look-ups a minute from one network, as %s', async (_, token) => {
    const [from, elsewhere] = [network(), network()];
    await proxy(person.token, from);
    taken = 0;
    const statuses = await many(200, () => proxy(token(), from));
    expect([count(statuses, 401), count(statuses, 429)]).toEqual([60, 140]);
    expect(taken).toBe(60);
    const refused = await proxy(token(), from);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(refused.headers.get('x-should-retry')).toBeNull();
    expect(await refused.json()).toEqual({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: expect.stringMatching(/unknown TraceVault tokens .* Wait \d+ seconds, then try again/),
      },
      request_id: refused.headers.get('request-id'),
    });
    expect((await proxy(token(), elsewhere)).status).toBe(401);
  });

  it.each([
    ['sessions', session, 401],
    ['proxy tokens', proxyToken, 403],
    ['keys of organizations', orgKey, 401],
  ])('cost the API sixty look-ups a minute from one network, as %s', async (_, token, status) => {
    const from = network();
    const statuses = await many(100, () => api('auth/me', from, token()));
    expect([count(statuses, status), count(statuses, 429)]).toEqual([60, 40]);
    taken = 0;
    const refused = await api('auth/me', from, token());
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(await refused.json()).toMatchObject({
      message: expect.stringMatching(/^Too many attempts\. Wait/),
    });
    expect(taken).toBe(0);
  });

  it('lock nobody out who works behind the same address, nor who signs in there now', async () => {
    const from = network();
    const begun = (await (
      await api('me/proxy-tokens', network(), person.token, { name: 'agent' })
    ).json()) as { token: string };
    await many(61, () => proxy(session(), from));
    app.invalidateAuthCache(); // so that the database is asked for each of them
    expect((await proxy(person.token, from)).status).toBe(200);
    expect((await proxy(begun.token, from)).status).toBe(200);
    expect((await api('auth/me', from, person.token)).status).toBe(200);
    const { email, password } = person;
    const signedIn = await api('auth/login', from, '', { email, password });
    const { token } = (await signedIn.json()) as { token: string };
    expect((await proxy(token, from)).status).toBe(200);
    const created = (await (await api('me/proxy-tokens', from, token, { name: 'new' })).json()) as {
      token: string;
    };
    expect((await proxy(created.token, from)).status).toBe(200);
  });

  it('do not refuse two hundred agents that come at once after a restart', async () => {
    const restarted = await TestApp.start({ adjust: (config) => ({ ...config, rateLimits: true }) });
    const { userId } = await restarted.signUp();
    const tokens = Array.from({ length: 200 }, session);
    await restarted.dataSource.query(
      `INSERT INTO "auth_sessions" ("user_id", "token_hash", "kind", "expires_at")
       SELECT $1::uuid, encode(sha256(t::bytea), 'hex'), 'login', now() + interval '1 day' FROM unnest($2::text[]) AS t`,
      [userId, tokens],
    );
    const calls = tokens.map(async (token) => {
      const response = await fetch(`${restarted.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
      return response.status;
    });
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    await restarted.close();
  });

  it('that come again and again are answered from memory and counted once', async () => {
    const [from, wrong] = [network(), session()];
    taken = 0;
    for (let times = 0; times < 100; times++) expect((await proxy(wrong, from)).status).toBe(401);
    expect(taken).toBeLessThan(10);
    expect((await proxy(session(), from)).status).toBe(401);
  });

  it('count together, whatever they are: user codes, invites, sessions', async () => {
    const from = network();
    const code = (): string => Array.from({ length: 8 }, () => 'BCDFGHJK'[randomBytes(1)[0]! % 8]).join('');
    for (let n = 0; n < 20; n++) {
      const decision = { user_code: code() };
      expect((await api('auth/device/preview', from, person.token, decision)).status).toBe(404);
      expect((await api('auth/device/approve', from, person.token, decision)).status).toBe(404);
      const invite = { invite: `tvi_${hex(32)}` };
      expect((await api('invites/accept', from, person.token, invite)).status).toBe(403);
    }
    taken = 0;
    expect((await proxy(session(), from)).status).toBe(429);
    expect(taken).toBe(0);
    expect((await api('auth/device/preview', from, person.token, { user_code: code() })).status).toBe(429);
    const invited = { email: 'grace@example.com', password: 'a long pass word', invite: `tvi_${hex(32)}` };
    expect((await api('auth/register', from, '', invited)).status).toBe(429);
  });

  it('as device codes are limited, and clients that poll with codes of theirs never are', async () => {
    const from = network();
    const codes: string[] = [];
    for (let n = 0; n < 70; n++) {
      const headers = { 'x-forwarded-for': `10.2.0.${n % 7}` };
      const begun = await app.api('POST', 'auth/device/authorize', { body: {}, headers });
      codes.push(((await begun.json()) as { device_code: string }).device_code);
    }
    const guesses = await Promise.all(Array.from({ length: 50 }, () => poll(`tvd_${hex(32)}`, from)));
    expect(new Set(guesses.map(String))).toEqual(new Set(['400,invalid_grant']));
    for (let n = 0; n < 10; n++) expect(await poll(n, from)).toEqual([400, 'invalid_request']);
    taken = 0;
    for (const malformed of [`tvd_${hex(32)}`, 'no code at all', 5, undefined])
      expect(await poll(malformed, from)).toEqual([429, 'Too Many Requests']);
    expect(taken).toBe(0);
    const polls = await Promise.all(codes.map((code) => poll(code, from)));
    expect(new Set(polls.map(String))).toEqual(new Set(['400,authorization_pending']));
  });

  it('do not include a code that is polled without a pause, but the database is asked for it a few times alone', async () => {
    const from = network();
    const begun = await app.api('POST', 'auth/device/authorize', {
      body: {},
      headers: { 'x-forwarded-for': from },
    });
    const { device_code: code } = (await begun.json()) as { device_code: string };
    expect(await poll(code, from)).toEqual([400, 'authorization_pending']);
    taken = 0;
    const together = await Promise.all(Array.from({ length: 60 }, () => poll(code, from)));
    expect(new Set(together.map(String))).toEqual(new Set(['400,slow_down']));
    expect(taken).toBeLessThanOrEqual(5); // they are told what the first of them is
    for (let n = 0; n < 60; n++) expect(await poll(code, from)).toEqual([400, 'slow_down']);
    expect(taken).toBe(5);
  });
});
