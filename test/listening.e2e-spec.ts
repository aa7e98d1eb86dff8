import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { hashToken } from '../src/auth/token';
import { ChangeListener } from '../src/cache/change-listener';
import { AuthCaches } from '../src/cache/auth-caches';
import { Person, TestApp } from './support/app';
import { BreakableNetwork } from './support/breakable-network';
import { freshDatabase } from './support/database';
import { postgresOnly } from './support/which-database';

/** The other replica is the database's own command line: it changes rows, and tells this server nothing by itself. */
postgresOnly('changes elsewhere are heard of, or nothing is answered from memory', () => {
  let app: TestApp;
  let person: Person;
  let elsewhere: Client;
  let taken = 0;

  let network: BreakableNetwork;

  beforeAll(async () => {
    const env = await freshDatabase();
    network = await BreakableNetwork.to(env.DATABASE_URL!);
    app = await TestApp.start({
      env: { ...env, DATABASE_URL: network.url },
      // The ledger, which is written behind the answers, would be counted with what a request asks the database.
      adjust: (config) => ({ ...config, ledgerFlushMs: 600_000 }),
    });
    person = await app.signUp();
    elsewhere = new Client({ connectionString: env.DATABASE_URL });
    await elsewhere.connect();
    const { master: pool } = app.dataSource.driver as unknown as { master: EventEmitter };
    pool.on('acquire', () => (taken += 1));
  });
  beforeEach(async () => {
    await until(() => caches().hasInvalidationFeed);
    await warm();
  });
  afterAll(async () => {
    await elsewhere.end();
    await app.close();
    await network.close();
  });

  const caches = (): AuthCaches => app.app.get(AuthCaches);
  const call = async (token = person.token): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;

  async function until(isSo: () => boolean | Promise<boolean>, ms = 5_000): Promise<number> {
    const began = performance.now();
    while (!(await isSo())) {
      if (performance.now() - began > ms) throw new Error(`Not within ${ms} ms`);
      await sleep(5);
    }
    return performance.now() - began;
  }

  /** Until the person is in memory, and what is written behind an answer is written. */
  async function warm(): Promise<void> {
    await until(async () => {
      await sleep(50);
      taken = 0;
      return (await call()) === 200 && taken === 0;
    });
  }

  /** Ends the server's connection that listens, which no pool knows. */
  const cutListening = async (): Promise<void> => {
    const { rowCount } = await elsewhere.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query = 'SELECT 1' AND pid <> pg_backend_pid()`,
    );
    expect(rowCount).toBeGreaterThan(0);
  };

  /** How many connections have said LISTEN, and nothing since. */
  const listeningIdle = async (): Promise<number | null> => {
    const { rowCount } = await elsewhere.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'`,
    );
    return rowCount;
  };

  it.each([
    ['a session that is revoked', 'DELETE FROM auth_sessions WHERE token_hash = $1'],
    ['a session whose time is cut', 'UPDATE auth_sessions SET expires_at = now() WHERE token_hash = $1'],
    [
      'a person who is deactivated',
      'UPDATE users SET deactivated_at = now() WHERE id = (SELECT user_id FROM auth_sessions WHERE token_hash = $1)',
    ],
    [
      'a person who is deleted',
      'DELETE FROM users WHERE id = (SELECT user_id FROM auth_sessions WHERE token_hash = $1)',
    ],
    [
      'a key that is removed',
      'DELETE FROM provider_keys WHERE user_id = (SELECT user_id FROM auth_sessions WHERE token_hash = $1)',
    ],
  ])('%s', async (_, statement) => {
    const other = await app.signUp();
    expect([await call(other.token), await call(other.token)]).toEqual([200, 200]);
    await elsewhere.query(statement, [hashToken(other.token)]);
    expect(await until(async () => (await call(other.token)) === 401)).toBeLessThan(1_000);
    expect(await call()).toBe(200);
  });

  it.each(['auth_sessions', 'provider_keys'])(
    'all rows of %s at once',
    async (table) => {
      const { rows: kept } = await elsewhere.query<object>(`SELECT * FROM ${table}`);
      expect([await call(), await call()]).toEqual([200, 200]);
      await elsewhere.query(`TRUNCATE ${table}`);
      expect(await until(async () => (await call()) === 401)).toBeLessThan(1_000);
      await elsewhere.query(
        `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`,
        [
          JSON.stringify(kept, (_, value: { type?: string; data?: number[] } | null) =>
            value?.type === 'Buffer' ? `\\x${Buffer.from(value.data ?? []).toString('hex')}` : value,
          ),
        ],
      );
      await until(async () => (await call()) === 200, 15_000); // what was absent is remembered for ten seconds
    },
    20_000,
  );

  it.each([
    ['is revoked', 'UPDATE proxy_tokens SET revoked_at = now() WHERE id = $1'],
    ['has its time cut', 'UPDATE proxy_tokens SET expires_at = now() WHERE id = $1'],
    ['is deleted', 'DELETE FROM proxy_tokens WHERE id = $1'],
    ['is gone with all others', 'TRUNCATE proxy_tokens -- $1'],
  ])('a proxy token that %s', async (_, statement) => {
    const response = await app.api('POST', 'me/proxy-tokens', { token: person.token, body: { name: 'ci' } });
    const { id, token } = (await response.json()) as { id: string; token: string };
    expect([await call(token), await call(token)]).toEqual([200, 200]);
    await elsewhere.query(statement.replace('$1', `'${id}'`));
    expect(await until(async () => (await call(token)) === 401)).toBeLessThan(1_000);
    expect(await call()).toBe(200);
  });

  it('a last use that is noted tells nobody anything', async () => {
    await elsewhere.query(
      'UPDATE proxy_tokens SET last_used_at = now(), last_client = NULL WHERE user_id = $1',
      [person.userId],
    );
    await elsewhere.query('UPDATE auth_sessions SET last_used_at = now() WHERE user_id = $1', [
      person.userId,
    ]);
    await elsewhere.query('UPDATE provider_keys SET last_use = NULL WHERE user_id = $1', [person.userId]);
    await sleep(100);
    taken = 0;
    expect(await call()).toBe(200);
    expect(taken).toBe(0);
  });

  it('a change that is rolled back tells nobody anything', async () => {
    await elsewhere.query('BEGIN');
    await elsewhere.query('DELETE FROM auth_sessions WHERE user_id = $1', [person.userId]);
    await elsewhere.query('ROLLBACK');
    taken = 0;
    expect(await call()).toBe(200);
    expect(taken).toBe(0);
  });

  it('a listening connection that is cut: the database is asked, until there is another one', async () => {
    const other = await app.signUp();
    expect(await call(other.token)).toBe(200);
    await cutListening();
    await until(() => !caches().hasInvalidationFeed);
    await elsewhere.query('DELETE FROM auth_sessions WHERE user_id = $1', [other.userId]);
    expect(await call(other.token)).toBe(401);
    expect(await call()).toBe(200);
    expect(taken).toBeGreaterThan(0);
    await until(() => caches().hasInvalidationFeed);
    await warm();
    expect(app.log.match(/Changes on other replicas are not heard of/g)).toHaveLength(1);
  });

  it('a listening connection that is dead without a sign: within a second the database is asked', async () => {
    const other = await app.signUp();
    expect(await call(other.token)).toBe(200);
    network.mute('LISTEN');
    await elsewhere.query('DELETE FROM auth_sessions WHERE user_id = $1', [other.userId]);
    const ended = performance.now();
    let lastLetIn = ended;
    await until(async () => {
      const asked = performance.now();
      if ((await call(other.token)) === 401) return true;
      lastLetIn = asked;
      return false;
    });
    expect(lastLetIn - ended).toBeLessThan(1_000);
    expect(await call()).toBe(200);
    await until(() => caches().hasInvalidationFeed, 10_000); // it was given up, and another one was made
  });

  it('a process that stood still makes sure with one question, and goes on from memory', async () => {
    // On a machine that itself stands still the answer may come too late, and the database is asked: then once more.
    for (let tries = 3; tries > 0; tries--) {
      const stoodUntil = performance.now() + 1_200;
      while (performance.now() < stoodUntil);
      expect(caches().hasInvalidationFeed).toBe(false);
      taken = 0;
      const statuses = await Promise.all(Array.from({ length: 50 }, () => call()));
      expect(new Set(statuses)).toEqual(new Set([200]));
      if (taken === 0) break;
      await until(() => caches().hasInvalidationFeed);
    }
    expect(taken).toBe(0);
  });

  it('a question from before the standstill proves nothing: another one is asked', async () => {
    await network.passes('SELECT 1'); // on its way, and the answer not yet here
    const stoodUntil = performance.now() + 1_200;
    while (performance.now() < stoodUntil);
    expect(caches().hasInvalidationFeed).toBe(false);
    taken = 0;
    expect(await call()).toBe(200);
    expect(taken).toBe(0);
  });

  it('a listening connection that ends late does not take its successor’s place away', async () => {
    network.mute('LISTEN'); // as if its peer had gone: it ends only when the network says so
    await until(() => !caches().hasInvalidationFeed);
    await until(() => caches().hasInvalidationFeed, 10_000);
    await warm();
    network.cutMuted();
    await sleep(1_200);
    taken = 0;
    expect(await call()).toBe(200);
    expect(taken).toBe(0);
    expect(caches().hasInvalidationFeed).toBe(true);
  }, 20_000);

  it('a database that goes down while it is being listened to again ends nothing but connections', async () => {
    const others: unknown[] = [];
    const note = (reason: unknown): number => others.push(reason);
    process.on('unhandledRejection', note);
    const release = await app.occupyDatabase();
    await cutListening();
    await until(async () => (await listeningIdle()) === 1); // it waits for its probe, which waits for the pool
    await elsewhere.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await release();
    await until(() => caches().hasInvalidationFeed, 10_000);
    process.off('unhandledRejection', note);
    expect(others).toEqual([]);
    await warm();
  }, 30_000);

  it('a server that stops does not wait for a connection that is only being made', async () => {
    const release = await app.occupyDatabase();
    await cutListening();
    await until(async () => (await listeningIdle()) === 1);
    const began = performance.now();
    await app.app.get(ChangeListener).onModuleDestroy();
    expect(performance.now() - began).toBeLessThan(2_000);
    await release();
  });
});
