import Anthropic from '@anthropic-ai/sdk';
import AnthropicV0 from 'anthropic-sdk-0';
import { IncomingHttpHeaders } from 'node:http';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintProxyToken } from '../src/auth/proxy-token';
import { hashToken } from '../src/auth/token';
import { AuthCaches } from '../src/cache/auth-caches';
import { Person, useApp } from './support/app';

interface Token {
  readonly id: string;
  readonly name: string;
  readonly masked_token: string | null;
  readonly token: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly last_client: string | null;
}

const DAY_MS = 86_400_000;

describe('proxy tokens', () => {
  // The ledger, which is written behind the answers, would be counted with what a request asks the database.
  const app = useApp({ adjust: (config) => ({ ...config, ledgerFlushMs: 600_000 }) });
  let person: Person;
  /** How often a connection to the database was taken. */
  let taken = 0;

  beforeAll(async () => {
    const { master: pool } = app.dataSource.driver as unknown as { master: EventEmitter };
    pool.on('acquire', () => (taken += 1));
    const caches = app.app.get(AuthCaches);
    while (!caches.hasInvalidationFeed) await sleep(10);
  });
  beforeEach(async () => {
    person = await app.signUp();
    app.upstream.answerWithDefault();
  });

  const request = async (
    method: string,
    path = '',
    body?: unknown,
    token = person.token,
  ): Promise<Response> =>
    app.api(method, `me/proxy-tokens${path}`, { token, ...(body !== undefined && { body }) });
  const create = async (body: object = { name: 'build server' }, token = person.token): Promise<Token> => {
    const response = await request('POST', '', body, token);
    expect(response.status).toBe(201);
    return (await response.json()) as Token;
  };
  const list = async (token = person.token): Promise<Token[]> =>
    (await (await request('GET', '', undefined, token)).json()) as Token[];
  const call = async (token: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token, ...headers } });
  const message = async (response: Response): Promise<string> =>
    ((await response.json()) as { error: { message: string } }).error.message;
  /** Enough to tell one from another, where it is used; 56 of its 64 digits stay hidden. */
  const masked = (token: string): string => `${token.slice(0, 8)}\u2026${token.slice(-4)}`;
  const setExpiry = async (id: string, at: Date): Promise<void> => {
    await app.dataSource.query('UPDATE proxy_tokens SET expires_at = $1 WHERE id = $2', [at, id]);
    app.invalidateAuthCache();
  };

  it('are shown once, stored as a hash, and listed by everything else', async () => {
    const created = await create();
    expect(created).toEqual({
      id: expect.any(String),
      name: 'build server',
      masked_token: masked(created.token),
      org: expect.any(String),
      token: expect.stringMatching(/^tvp_[0-9a-f]{64}$/),
      created_at: expect.stringMatching(/Z$/),
      expires_at: null,
      last_used_at: null,
      last_client: null,
    });
    const { token, ...shown } = created;
    expect(await list()).toEqual([shown]);
    const rows = await app.dataSource.query<unknown[]>('SELECT * FROM proxy_tokens WHERE id = $1', [
      created.id,
    ]);
    expect(rows).toEqual([expect.objectContaining({ token_hash: hashToken(token) })]);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('let their owner’s agents call the proxy, with the owner’s key', async () => {
    const { token, id } = await create();
    const before = app.log.length;
    const response = await call(token, { 'user-agent': 'claude-cli/2' });
    expect(response.status).toBe(200);
    expect(app.upstream.last.headers['x-api-key']).toBe(person.apiKey);
    await sleepUntil(() =>
      app.log
        .slice(before)
        .includes(`"user_id":"${person.userId}","proxy_token_id":"${id}","proxy_token":"${masked(token)}"`),
    );
    expect(app.log).not.toContain(token);
    await sleepUntil(async () => (await list())[0]!.last_used_at !== null);
    expect((await list())[0]).toMatchObject({ last_client: 'claude-cli/2' });
  });

  it('run unmodified SDKs, by either header', async () => {
    const { token } = await create();
    for (const [Sdk, credential, header] of [
      [AnthropicV0, { apiKey: token }, 'x-api-key'],
      [AnthropicV0, { apiKey: null, authToken: token }, 'authorization'],
      [Anthropic, { apiKey: token }, 'authorization'],
      [Anthropic, { apiKey: null, authToken: token }, 'authorization'],
    ] as const) {
      let sent: IncomingHttpHeaders = {};
      const client = new (Sdk as typeof Anthropic)({
        ...credential,
        baseURL: app.proxyUrl,
        maxRetries: 0,
        fetch: (url: string | URL | Request, init?: RequestInit) => {
          sent = Object.fromEntries(new Headers(init?.headers));
          return fetch(url, init);
        },
      });
      const stream = client.messages.stream({
        model: 'claude-test',
        max_tokens: 16,
        messages: [{ role: 'user', content: 'hello' }],
      });
      expect((await stream.finalMessage()).role).toBe('assistant');
      expect(sent[header]).toContain(token);
    }
  });

  it('can do nothing else: 403 on every endpoint of the API that asks who calls, with a word why', async () => {
    const { token, id } = await create();
    const { paths } = (await (await fetch(`${app.url}/api/docs-json`)).json()) as {
      paths: Record<string, Record<string, { security?: object[] }>>;
    };
    const tried: string[] = [];
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { security = [] }] of Object.entries(operations)) {
        if (!path.startsWith('/api/v1/') || security.length === 0) continue;
        const at = path.slice('/api/v1/'.length).replace('{id}', id).replace('{org}', person.org);
        const body = method === 'get' || method === 'delete' ? {} : { body: {} };
        const response = await app.api(method.toUpperCase(), at, { token, ...body });
        expect([method, path, response.status]).toEqual([method, path, 403]);
        const { message } = (await response.json()) as { message: string };
        expect(message).toMatch(/proxy token .* nothing else/);
        tried.push(`${method} ${path}`);
      }
    for (const one of [
      'post /api/v1/me/proxy-tokens',
      'get /api/v1/me/anthropic-key',
      'put /api/v1/auth/password',
    ])
      expect(tried).toContain(one);
    expect(tried.length).toBeGreaterThan(20);
    expect(await list()).toHaveLength(1);
  });

  it('of a time before masked ones were kept show none, until their next use', async () => {
    const { token, id } = await create();
    await app.dataSource.query('UPDATE proxy_tokens SET masked_token = NULL WHERE id = $1', [id]);
    expect((await list())[0]).toMatchObject({ id, masked_token: null });
    expect((await call(token)).status).toBe(200);
    await sleepUntil(async () => (await list())[0]!.last_used_at !== null);
    expect((await list())[0]).toMatchObject({ id, masked_token: masked(token) });
  });

  it('keep what they show of themselves when they are renamed', async () => {
    const { token, id } = await create();
    const renamed = await request('PATCH', `/${id}`, { name: 'other' });
    expect(await renamed.json()).toMatchObject({ name: 'other', masked_token: masked(token) });
  });

  it('that nobody has are in the log by nothing at all', async () => {
    const unknown = mintProxyToken();
    expect((await call(unknown)).status).toBe(401);
    expect((await app.api('GET', 'auth/me', { token: unknown })).status).toBe(403);
    expect(app.log).not.toContain(unknown.slice(0, 8));
  });

  it('that are refused are in the log by their id, on the proxy and on the API', async () => {
    const { token, id } = await create();
    await request('DELETE', `/${id.toUpperCase()}`);
    const before = app.log.length;
    expect((await call(token)).status).toBe(401);
    expect((await app.api('GET', 'auth/me', { token })).status).toBe(403);
    const named = `"proxy_token_id":"${id}","proxy_token":"${masked(token)}"`;
    await sleepUntil(() => app.log.slice(before).split(named).length === 3);
    expect(app.log).not.toContain(token);
  });

  it.each([
    ['unknown', () => mintProxyToken(), 403],
    ['with a wrong digit', () => mintProxyToken().replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), 401],
    ['too short', () => 'tvp_abc', 401],
  ])('that are %s are a 401 on the proxy, and refused on the API', async (_, token, status) => {
    const response = await call(token());
    expect(response.status).toBe(401);
    expect(await message(response)).toMatch(/unknown/);
    expect((await app.api('GET', 'auth/me', { token: token() })).status).toBe(status);
  });

  it('with a wrong digit ask nobody', async () => {
    taken = 0;
    await call(mintProxyToken().replace(/.$/, (digit) => (digit === '0' ? '1' : '0')));
    expect(taken).toBe(0);
  });

  it('cost a warm request no question to the database, two hundred at once included', async () => {
    const { token } = await create();
    taken = 0;
    const cold = await Promise.all(Array.from({ length: 200 }, () => call(token)));
    expect(new Set(cold.map(({ status }) => status))).toEqual(new Set([200]));
    expect(taken).toBeLessThanOrEqual(6); // the token, the organization, the keys, the limits; the last use of token and key
    await sleepUntil(async () => (await list())[0]!.last_used_at !== null);
    await call(token);
    await sleep(100); // what is written behind an answer is written
    taken = 0;
    const warm = await Promise.all(Array.from({ length: 200 }, () => call(token)));
    expect(new Set(warm.map(({ status }) => status))).toEqual(new Set([200]));
    expect(taken).toBe(0);
  });

  it('are revoked one by one, from the next request on, and say so to whoever still uses them', async () => {
    const [one, other] = [await create({ name: 'laptop "two"' }), await create()];
    expect((await call(one.token)).status).toBe(200);
    expect((await request('DELETE', `/${one.id}`)).status).toBe(204);
    const refused = await call(one.token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(await message(refused)).toMatch(
      /^The proxy token "laptop "two"" was revoked at \d{4}-.*Z\. Create a new/,
    );
    expect((await call(other.token)).status).toBe(200);
    expect((await call(person.token)).status).toBe(200);
    expect((await list()).map(({ id }) => id)).toEqual([other.id]);
    expect((await request('DELETE', `/${one.id}`)).status).toBe(404);
    expect((await request('PATCH', `/${one.id}`, { name: 'again' })).status).toBe(404);
  });

  it('that are ended leave an open stream to its end', async () => {
    const { token, id } = await create();
    let finish: () => void = () => undefined;
    app.upstream.answerWith((_request, response) => {
      response.write('begin ');
      finish = () => response.end('and end');
    });
    const stream = await call(token);
    expect((await request('DELETE', `/${id}`)).status).toBe(204);
    expect((await call(token)).status).toBe(401);
    finish();
    expect(await stream.text()).toBe('begin and end');
  });

  it('expire to the second, stay in the list, and say so', async () => {
    const { token, id, expires_at } = await create({ name: 'ci', expires_in_days: 90 });
    expect(Date.parse(expires_at!) - Date.now()).toBeGreaterThan(90 * DAY_MS - 60_000);
    expect(Date.parse(expires_at!) - Date.now()).toBeLessThanOrEqual(90 * DAY_MS);
    const ends = new Date(Date.now() + 1_500);
    await setExpiry(id, ends);
    while (Date.now() < ends.getTime()) {
      const { status } = await call(token);
      if (Date.now() < ends.getTime()) expect(status).toBe(200);
    }
    const refused = await call(token);
    expect(refused.status).toBe(401);
    expect(await message(refused)).toContain(`The proxy token "ci" expired at ${ends.toISOString()}.`);
    expect(await list()).toEqual([expect.objectContaining({ id, expires_at: ends.toISOString() })]);
    // Ended, it is gone from the list, and was over since then all the same.
    expect((await request('DELETE', `/${id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect(await message(await call(token))).toContain(
      `The proxy token "ci" expired at ${ends.toISOString()}.`,
    );
  });

  it('that end within seven days say so in the log, once a day', async () => {
    const { token, id } = await create({ name: 'ci', expires_in_days: 8 });
    const warnings = (): number => app.log.split(`"proxy_token_id":"${id}","expires_at"`).length - 1;
    await call(token);
    await sleepUntil(async () => (await list())[0]!.last_used_at !== null);
    expect(warnings()).toBe(0);
    for (let time = 0; time < 2; time++) {
      await app.dataSource.query('UPDATE proxy_tokens SET last_used_at = NULL WHERE id = $1', [id]);
      await setExpiry(id, new Date(Date.now() + 7 * DAY_MS - 1_000));
      expect((await call(token)).status).toBe(200);
      await sleepUntil(async () => (await list())[0]!.last_used_at !== null);
    }
    expect(warnings()).toBe(1);
    expect(app.log).not.toContain(token);
  });

  it('are renamed, and the next refusal knows the new name', async () => {
    const { token, id } = await create();
    const renamed = await request('PATCH', `/${id}`, { name: '  build server 2 ' });
    expect(renamed.status).toBe(200);
    expect(await renamed.json()).toMatchObject({ id, name: 'build server 2' });
    expect((await call(token)).status).toBe(200);
    await setExpiry(id, new Date(Date.now() - 1_000));
    expect(await message(await call(token))).toContain('"build server 2"');
  });

  it.each([
    ['empty', '   '],
    ['no text', 7],
    ['too long', 'x'.repeat(101)],
    ['with a control character', 'a\u0000b'],
    ['with a line of its own', 'a\nb'],
    ['that turns the direction of text', 'a\u202eb'],
  ])('have no name that is %s', async (_, name) => {
    const response = await request('POST', '', { name });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toMatch(/name must/);
    const { id } = await create();
    expect((await request('PATCH', `/${id}`, { name })).status).toBe(400);
  });

  it('have any other name, and it comes back as it is', async () => {
    const name = `"><img src=x> {publicUrl} $& {at} ${'é'.repeat(40)}`;
    const { token, id } = await create({ name });
    expect((await list())[0]!.name).toBe(name);
    await request('DELETE', `/${id}`);
    expect(await message(await call(token))).toContain(`The proxy token "${name}" was revoked`);
  });

  it.each([0, -1, 1.5, 3651, '90', true, {}])('refuse to last %p days', async (days) => {
    const response = await request('POST', '', { name: 'ci', expires_in_days: days });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain('expires_in_days');
  });

  it.each([30, 90, 365, null, undefined])('last %p days', async (days) => {
    const { expires_at } = await create({ name: 'ci', ...(days !== undefined && { expires_in_days: days }) });
    if (typeof days === 'number')
      expect(Math.round((Date.parse(expires_at!) - Date.now()) / DAY_MS)).toBe(days);
    else expect(expires_at).toBeNull();
  });

  it('are at most fifty a person, also when they are made at once; what is over does not count', async () => {
    const first = await create();
    const expired = await create();
    await setExpiry(expired.id, new Date(Date.now() - 1_000));
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await request('POST', '', { name: 'many' })).status),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(49);
    expect(statuses.filter((status) => status === 409)).toHaveLength(11);
    const refusal = await request('POST', '', { name: 'one more' });
    expect(((await refusal.json()) as { message: string }).message).toMatch(/50 proxy tokens.*Revoke one/);
    await request('DELETE', `/${first.id}`);
    await create();
  }, 30_000);

  it('that are over are kept for the last two hundred', async () => {
    const first = await create();
    await request('DELETE', `/${first.id}`);
    await app.dataSource.query(
      `UPDATE proxy_tokens SET revoked_at = revoked_at - interval '1 hour' WHERE id = $1`,
      [first.id],
    );
    await app.dataSource.query(
      `INSERT INTO proxy_tokens (user_id, name, token_hash, revoked_at)
       SELECT user_id, name, token_hash || n, revoked_at + n * interval '1 ms'
       FROM proxy_tokens, generate_series(1, 199) AS n WHERE id = $1`,
      [first.id],
    );
    app.invalidateAuthCache();
    await create();
    expect(await message(await call(first.token))).toContain('was revoked');
    const last = await create();
    await request('DELETE', `/${last.id}`);
    await create();
    app.invalidateAuthCache();
    expect(await message(await call(first.token))).toContain('unknown');
    expect(await message(await call(last.token))).toContain('was revoked');
  });

  it('are nobody else’s to see, rename or end', async () => {
    const { id, token } = await create();
    const stranger = await app.signUp();
    expect(await list(stranger.token)).toEqual([]);
    expect((await request('PATCH', `/${id}`, { name: 'mine' }, stranger.token)).status).toBe(404);
    expect((await request('DELETE', `/${id}`, undefined, stranger.token)).status).toBe(404);
    expect((await call(token)).status).toBe(200);
  });

  it('are of no use without the stored key, and of use again with one', async () => {
    const { token } = await create();
    expect((await call(token)).status).toBe(200);
    await app.api('DELETE', 'me/anthropic-key', { token: person.token });
    expect(await message(await call(token))).toMatch(/no Anthropic key stored/);
    await app.storeKey(person.token, 'sk-ant-next');
    expect((await call(token)).status).toBe(200);
  });

  it('outlive the session that made them, and a change of the password', async () => {
    const { token } = await create();
    const body = { current_password: person.password, new_password: 'another pass word' };
    expect((await app.api('PUT', 'auth/password', { token: person.token, body })).status).toBeLessThan(300);
    await app.api('POST', 'auth/logout', { token: person.token });
    expect((await call(token)).status).toBe(200);
    expect((await call(person.token)).status).toBe(401);
  });

  it('leave their events in the trail: created, renamed, ended', async () => {
    const { id, token } = await create({ name: 'ci', expires_in_days: 30 });
    await request('PATCH', `/${id}`, { name: 'ci 2' });
    await request('DELETE', `/${id}`);
    const events = (await (
      await app.api('GET', 'me/audit-events?limit=3', { token: person.token })
    ).json()) as { action: string; details: Record<string, string> }[];
    expect(events.map(({ action }) => action)).toEqual([
      'proxy_token_revoked',
      'proxy_token_renamed',
      'proxy_token_created',
    ]);
    for (const { details } of events) expect(details.proxy_token_id).toBe(id);
    expect(events.slice(0, 2).map(({ details }) => details.name)).toEqual(['ci 2', 'ci 2']);
    expect(events[2]!.details).toMatchObject({ name: 'ci', expires_at: expect.stringMatching(/Z$/) });
    expect(JSON.stringify(events)).not.toContain(token.slice(4));
  });

  async function sleepUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let waited = 0; !(await isSo()); waited += 20) {
      if (waited > 5_000) throw new Error('It never came to be so');
      await sleep(20);
    }
  }
});
