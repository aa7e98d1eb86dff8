import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuthCaches } from '../src/cache/auth-caches';
import { Config } from '../src/config/config';
import { Person, useApp } from './support/app';

/** The ledger, which is written behind the answers, would be counted with what a request asks the database. */
const adjust = (config: Config): Config => ({ ...config, ledgerFlushMs: 600_000 });

describe('sessions and keys are looked up once', () => {
  const app = useApp({ adjust });
  let person: Person;
  /** How often a connection to the database was taken. */
  let taken = 0;

  beforeAll(async () => {
    const { master: pool } = app.dataSource.driver as unknown as { master: EventEmitter };
    pool.on('acquire', () => (taken += 1));
    person = await app.signUp();
    const caches = app.app.get(AuthCaches);
    while (!caches.hasInvalidationFeed) await sleep(10);
  });

  const call = async (token = person.token): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;

  /** The last use is written behind the answer, once a minute. */
  async function warm(token = person.token): Promise<void> {
    for (let times = 0; times < 3; times++) expect(await call(token)).toBe(200);
    let before: number;
    do {
      before = taken;
      await sleep(50);
    } while (before !== taken);
    taken = 0;
  }

  it('a warm request does not ask the database', async () => {
    await warm();
    const statuses = await Promise.all(Array.from({ length: 50 }, () => call()));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(taken).toBe(0);
  });

  it('two hundred calls at once with a new token ask once for the session and once for the key', async () => {
    await warm();
    const { token } = await login();
    app.invalidateAuthCache();
    taken = 0;
    const statuses = await Promise.all(Array.from({ length: 200 }, () => call(token)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(taken).toBe(4); // session, memberships, keys, limits
  });

  it('guessed tokens push nobody out, and take a bounded place', async () => {
    await warm();
    for (let guess = 0; guess < 1_200; guess += 50) {
      const guesses = Array.from(
        { length: 50 },
        (_, index) => `tvs_${(guess + index).toString(16).padStart(64, '0')}`,
      );
      expect(new Set(await Promise.all(guesses.map(call)))).toEqual(new Set([401]));
    }
    taken = 0;
    expect(await call()).toBe(200);
    expect(await call(`tvs_${(1199).toString(16).padStart(64, '0')}`)).toBe(401);
    expect(taken).toBe(0);
    const [, sessions] = [...app.app.get(AuthCaches).list()].find(([name]) => name === 'sessions')!;
    expect(sessions.size).toBeLessThan(1_100);
  });

  it('a session ends with its time, to the second', async () => {
    const { token } = await login();
    const ends = Date.now() + 1_500;
    await app.dataSource.query('UPDATE auth_sessions SET expires_at = $1 WHERE id = $2', [
      new Date(ends),
      await currentId(token),
    ]);
    app.invalidateAuthCache(); // a server gives a session its end once, and never moves it
    await warm(token);
    while (Date.now() < ends) {
      const status = await call(token);
      if (Date.now() < ends) expect(status).toBe(200);
    }
    expect(await call(token)).toBe(401);
    expect(taken).toBe(0);
  });

  it.each<[string, (token: string) => Promise<Response>]>([
    ['is signed out', (token) => app.api('POST', 'auth/logout', { token })],
    [
      'is ended from another',
      async (token) => app.api('DELETE', `auth/sessions/${await currentId(token)}`, { token: person.token }),
    ],
    ['knew the old password', () => changePassword('another pass word')],
  ])('a session that %s is refused from the next request on', async (_, end) => {
    const { token } = await login();
    await warm(token);
    expect((await end(token)).status).toBeLessThan(300);
    expect(await call(token)).toBe(401);
  });

  it('a key that is replaced, removed and stored again counts from the next request on', async () => {
    await warm();
    await app.storeKey(person.token, 'sk-ant-second');
    expect(await call()).toBe(200);
    expect(app.upstream.last.headers['x-api-key']).toBe('sk-ant-second');
    await app.api('DELETE', 'me/anthropic-key', { token: person.token });
    expect(await call()).toBe(401);
    expect(await call()).toBe(401);
    await app.storeKey(person.token, 'sk-ant-third');
    expect(await call()).toBe(200);
    expect(app.upstream.last.headers['x-api-key']).toBe('sk-ant-third');
  });

  it('keeps no key in the clear', async () => {
    await warm();
    const [, keys] = [...app.app.get(AuthCaches).list()].find(([name]) => name === 'keys')!;
    const kept = await keys.get(`${person.userId}  anthropic`, () =>
      Promise.reject(new Error('It was not in memory')),
    );
    const named = Object.entries(kept!).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    expect(named.sort()).toEqual(['choice', 'keepsContent', 'org', 'orgId', 'redactsContent', 'userId']);
    expect(JSON.stringify(kept)).not.toContain('sk-ant');
  });

  async function login(): Promise<{ token: string }> {
    const body = { email: person.email, password: password };
    return (await (await app.api('POST', 'auth/login', { body })).json()) as { token: string };
  }

  let password = '';
  beforeAll(() => (password = person.password));

  async function changePassword(next: string): Promise<Response> {
    const body = { current_password: password, new_password: next };
    const changed = await app.api('PUT', 'auth/password', { token: person.token, body });
    password = next;
    return changed;
  }

  async function currentId(token: string): Promise<string> {
    const sessions = (await (await app.api('GET', 'auth/sessions', { token })).json()) as {
      id: string;
      current: boolean;
    }[];
    return sessions.find(({ current }) => current)!.id;
  }
});
