import { Client } from 'pg';
import { TestApp } from './support/app';
import { freshDatabase } from './support/database';
import { postgresOnly } from './support/which-database';

interface Caller {
  readonly userId: string;
  readonly session: string;
  readonly proxyToken: string;
}

/** Times of last use are written one after the other, and rows can be locked for long, by somebody at a SQL prompt say. */
postgresOnly('while the rows of one person are locked', () => {
  let app: TestApp;
  let holder: Client;
  let locked: Caller;
  let other: Caller;

  beforeAll(async () => {
    const env = await freshDatabase();
    app = await TestApp.start({ env });
    [locked, other] = [await newCaller(), await newCaller()];
    await app.dataSource.query(
      `UPDATE auth_sessions SET created_at = now() - interval '1 hour', last_used_at = now() - interval '1 hour'`,
    );
    app.invalidateAuthCache();
    holder = new Client({ connectionString: env.DATABASE_URL });
    await holder.connect();
    await holder.query('BEGIN');
    for (const table of ['provider_keys', 'auth_sessions', 'proxy_tokens'])
      await holder.query(`SELECT 1 FROM "${table}" WHERE "user_id" = $1 FOR UPDATE`, [locked.userId]);
  });
  afterAll(async () => {
    await holder.end();
    await app.close();
  });

  async function newCaller(): Promise<Caller> {
    const { userId, token: session } = await app.signUp();
    const body = { name: 'ci', expires_in_days: 30 };
    const response = await app.api('POST', 'me/proxy-tokens', { token: session, body });
    const { token: proxyToken } = (await response.json()) as { token: string };
    return { userId, session, proxyToken };
  }

  it.each([
    ['auth_sessions', 'session', '"last_used_at" > "created_at"'],
    ['proxy_tokens', 'proxyToken', '"last_used_at" IS NOT NULL'],
    ['provider_keys', 'proxyToken', '"last_use" IS NOT NULL'],
  ] as const)('another one’s last use is written all the same: %s', async (table, kind, isUsed) => {
    for (const caller of [locked, other]) {
      const call = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': caller[kind] } });
      expect([call.status, await call.text()]).toEqual([200, expect.anything()]);
    }
    const sql = `SELECT bool_or(${isUsed}) AS used FROM "${table}" WHERE "user_id" = $1`;
    for (const until = performance.now() + 10_000; performance.now() < until;) {
      const [row] = await app.dataSource.query<[{ used: boolean | null }]>(sql, [other.userId]);
      if (row.used === true) return;
    }
    throw new Error('It was never written');
  });
});
