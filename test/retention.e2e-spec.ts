import { randomBytes } from 'node:crypto';
import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { RETENTION, RetentionRow } from '../src/retention/retention';
import { RetentionService } from '../src/retention/retention.service';
import { Person, TestApp } from './support/app';
import { freshDatabase } from './support/database';

const HOUR_MS = 3_600_000;

/** How a row gets into each table whose time, by which it is kept, is `$1`. */
const INSERTS: Record<string, string> = {
  audit_events: `INSERT INTO audit_events (at, action, actor_kind) VALUES ($1, 'signed_in', 'anonymous')`,
  auth_sessions: `INSERT INTO auth_sessions (user_id, token_hash, kind, expires_at) VALUES ($2, $3, 'web', $1)`,
  device_authorizations: `INSERT INTO device_authorizations (device_code_hash, user_code_hash, client_name, interval_seconds, expires_at)
    VALUES ($3, $3, 'a laptop', 5, $1)`,
  invites: `INSERT INTO invites (org_id, role, code_hash, created_by, expires_at)
    SELECT org_id, 'developer', $3, user_id, $1 FROM user_org_memberships WHERE user_id = $2`,
  limit_alerts: `WITH added AS (
    INSERT INTO limits (org_id, kind, scope, subject_id, period) SELECT org_id, 'spend', 'member', gen_random_uuid(), 'day'
      FROM user_org_memberships WHERE user_id = $2 RETURNING id
    ) INSERT INTO limit_alerts (limit_id, subject_id, period_start, period_end, amount_nano_usd, percent, spent_nano_usd, reached_at)
    SELECT id, id, $1, $1, 1, 75, 1, $1 FROM added`,
  limit_grants: `WITH added AS (
    INSERT INTO limits (org_id, kind, scope, subject_id) SELECT org_id, 'rate', 'member', gen_random_uuid()
      FROM user_org_memberships WHERE user_id = $2 RETURNING id
    ) INSERT INTO limit_grants (limit_id, subject_id, period_start, measure, process_id, granted, held, renewed_at)
    SELECT id, id, $1, 'requests', id, 1, 1, $1 FROM added`,
  proxy_tokens: `INSERT INTO proxy_tokens (user_id, name, token_hash, expires_at) VALUES ($2, 'ci', $3, $1)`,
};

describe('the retention', () => {
  let app: TestApp;
  let person: Person;
  let table: readonly RetentionRow[];

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp(null);
    table = app.app.get<readonly RetentionRow[]>(RETENTION);
  });
  afterAll(() => app.close());

  const retention = (): RetentionService => app.app.get(RetentionService);
  const rowOf = (name: string): RetentionRow => table.find(({ table: one }) => one === name)!;
  const count = async ({ table: name }: RetentionRow): Promise<number> => {
    const [found] = await app.dataSource.query<[{ count: number }]>(
      `SELECT count(*)::int AS count FROM "${name}"`,
    );
    return found.count;
  };
  /** A row whose time was so long ago. */
  const insert = async ({ table: name }: RetentionRow, ago: number): Promise<void> => {
    const sql = INSERTS[name]!;
    const values = [new Date(Date.now() - ago), person.userId, randomBytes(32).toString('hex')];
    const used = values.filter((_value, index) => sql.includes(`$${index + 1}`));
    const renumbered = sql.includes('$2') ? sql : sql.replaceAll('$3', '$2');
    await app.dataSource.query(renumbered, used);
  };

  it('is one table, of which each row is tested below', () => {
    expect(table.map(({ table: name }) => name).sort()).toEqual(Object.keys(INSERTS).sort());
  });

  it.each(Object.keys(INSERTS))(
    'removes what is older than it is kept, and nothing else: %s',
    async (name) => {
      const row = rowOf(name);
      const before = await count(row);
      await insert(row, row.keepMs + HOUR_MS);
      await insert(row, row.keepMs - HOUR_MS / 2);
      expect(await retention().sweep(row)).toBe(1);
      expect(await count(row)).toBe(before + 1);
      expect(await retention().sweep(row)).toBe(0);
    },
  );

  it('keeps a proxy token from its end on, which is the earlier of revocation and expiry', async () => {
    const row = rowOf('proxy_tokens');
    const old = new Date(Date.now() - row.keepMs - HOUR_MS);
    await insert(row, -HOUR_MS);
    const before = await count(row);
    await app.dataSource.query('UPDATE proxy_tokens SET revoked_at = $1 WHERE expires_at > now()', [old]);
    expect(await retention().sweep(row)).toBe(1);
    await app.dataSource.query(
      `INSERT INTO proxy_tokens (user_id, name, token_hash) VALUES ($1, 'ci', 'lives forever')`,
      [person.userId],
    );
    expect(await retention().sweep(row)).toBe(0);
    expect(await count(row)).toBe(before);
  });

  it('removes more than it deletes at once', async () => {
    const row = rowOf('device_authorizations');
    await app.dataSource.query(
      `INSERT INTO device_authorizations (device_code_hash, user_code_hash, client_name, interval_seconds, expires_at)
       SELECT 'code ' || n, 'code ' || n, 'a laptop', 5, now() - interval '1 day' FROM generate_series(1, 2500) AS n`,
    );
    expect(await retention().sweep(row)).toBe(2500);
  });

  it('goes on with the other tables when one fails, and says which', async () => {
    for (const row of table) await insert(row, row.keepMs + HOUR_MS);
    const before = await Promise.all(table.map(count));
    await app.dataSource.query('ALTER TABLE auth_sessions RENAME COLUMN expires_at TO hidden');
    try {
      await retention().sweepAll();
    } finally {
      await app.dataSource.query('ALTER TABLE auth_sessions RENAME COLUMN hidden TO expires_at');
    }
    const gone = (await Promise.all(table.map(count))).map((rows, index) => before[index]! - rows);
    expect(gone).toEqual(table.map(({ table: name }) => (name === 'auth_sessions' ? 0 : 1)));
    expect(app.log).toMatch(/"level":"warn".*"table":"auth_sessions".*could not be removed/);
    await retention().sweepAll();
    expect(await count(rowOf('auth_sessions'))).toBe(before[table.indexOf(rowOf('auth_sessions'))]! - 1);
  });

  it('can’t be told to remove the trail of today', async () => {
    await app.signUp(null);
    await expect(retention().sweep({ ...rowOf('audit_events'), keepMs: 0 })).rejects.toThrow('append-only');
  });
});

describe('the retention of a server', () => {
  it('is seen to at each start, before the first request', async () => {
    const env = { ...(await freshDatabase()), TRACEVAULT_AUDIT_RETENTION_DAYS: '7' };
    const first = await TestApp.start({ env });
    const event = { action: 'signed_in', actorKind: 'anonymous', details: {} } as const;
    await first.dataSource
      .getRepository(AuditEventEntity)
      .insert([{ ...event, at: new Date('2020-01-01') }, event]);
    await first.close();
    const second = await TestApp.start({ env });
    expect(await second.dataSource.getRepository(AuditEventEntity).count()).toBe(1);
    expect(second.log).toMatch(/"table":"audit_events","rows":1.*past their retention/);
    await second.close();
  });

  it('leaves the trail alone where it is kept forever', async () => {
    const app = await TestApp.start({ env: { TRACEVAULT_AUDIT_RETENTION_DAYS: '0' } });
    const table = app.app.get<readonly RetentionRow[]>(RETENTION);
    expect(table.map(({ table: name }) => name)).not.toContain('audit_events');
    await app.close();
  });
});
