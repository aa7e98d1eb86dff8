import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { Person, TestApp } from './support/app';
import { freshDatabase } from './support/database';
import { postgresOnly } from './support/which-database';

/** More than the pool has connections. */
const MANY = 40;

/** Whoever has no account can't keep those who have from the database, whatever locks they make each other wait for. */
postgresOnly('a stranger who polls', () => {
  let app: TestApp;
  let person: Person;
  let elsewhere: Client;

  beforeAll(async () => {
    const env = await freshDatabase();
    app = await TestApp.start({ env });
    person = await app.signUp(null);
    elsewhere = new Client({ connectionString: env.DATABASE_URL });
    await elsewhere.connect();
  });
  afterAll(async () => {
    await elsewhere.end();
    await app.close();
  });

  const begin = async (): Promise<string> => {
    const begun = await app.api('POST', 'auth/device/authorize', { body: {} });
    return ((await begun.json()) as { device_code: string }).device_code;
  };
  const poll = async (device_code: string): Promise<unknown> => {
    const answer = await app.api('POST', 'auth/device/token', { body: { device_code } });
    return ((await answer.json()) as { error?: string }).error;
  };
  const me = async (): Promise<number> => (await app.api('GET', 'auth/me', { token: person.token })).status;

  /** How many of the server's connections wait for a lock. */
  const waiting = async (): Promise<number> => {
    const { rowCount } = await elsewhere.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rowCount ?? 0;
  };

  /** While the rows of all logins are locked elsewhere, so that each poll that gets as far as its row waits there. */
  async function whileLocked(codes: string[]): Promise<unknown[]> {
    await elsewhere.query('BEGIN');
    await elsewhere.query('SELECT FROM device_authorizations FOR UPDATE');
    const answers = Promise.all(codes.map(poll));
    while ((await waiting()) === 0) await sleep(5);
    const others = await Promise.all(Array.from({ length: MANY }, me));
    await elsewhere.query('COMMIT');
    expect(new Set(others)).toEqual(new Set([200]));
    return answers;
  }

  it('with one code in many requests at once lets others work', async () => {
    const code = await begin();
    const answers = await whileLocked(Array<string>(MANY).fill(code));
    expect(answers.filter((answer) => answer === 'authorization_pending')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'slow_down')).toHaveLength(MANY - 1);
  });

  it('with many codes at once lets others work', async () => {
    const codes = await Promise.all(Array.from({ length: MANY }, begin));
    expect(new Set(await whileLocked(codes))).toEqual(new Set(['authorization_pending']));
  });

  it('does not make those wait who begin a login', async () => {
    await elsewhere.query(
      `INSERT INTO device_authorizations (device_code_hash, user_code_hash, client_name, interval_seconds, expires_at)
       SELECT 'device ' || n, 'user ' || n, 'a flood', 5, now() - interval '2 h' FROM generate_series(1, 9) AS n`,
    );
    await elsewhere.query('BEGIN');
    await elsewhere.query('SELECT FROM device_authorizations FOR UPDATE');
    expect(await begin()).toMatch(/^tvd_/);
    await elsewhere.query('COMMIT');
  });

  it.each([
    ['invites', 'orgs', (org: string) => `orgs/${org}/invites`, { role: 'developer' }],
    ['API keys', 'orgs', (org: string) => `orgs/${org}/api-keys`, { name: 'build' }],
    ['proxy tokens', 'users', () => 'me/proxy-tokens', { name: 'build' }],
  ])('nor does somebody who creates many %s at once', async (_, table, path, body) => {
    const busy = await app.signUp(null);
    await elsewhere.query('BEGIN');
    await elsewhere.query(`SELECT FROM ${table} FOR NO KEY UPDATE`);
    const create = () => app.api('POST', path(busy.org), { token: busy.token, body });
    const created = Promise.all(Array.from({ length: MANY }, create));
    while ((await waiting()) === 0) await sleep(5);
    const others = await Promise.all(Array.from({ length: MANY }, me));
    await elsewhere.query('COMMIT');
    expect(new Set(others)).toEqual(new Set([200]));
    expect(new Set((await created).map(({ status }) => status))).toEqual(new Set([201]));
  });
});
