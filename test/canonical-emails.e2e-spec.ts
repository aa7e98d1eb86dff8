import { setTimeout as sleep } from 'node:timers/promises';
import { CanonicalEmails1764000000012 } from '../migrations/1764000000012-canonical-emails';
import { UserEntity } from '../src/auth/user.entity';
import { migrate } from '../src/database/migrate';
import { InviteEntity } from '../src/orgs/invite.entity';
import { useApp } from './support/app';
import { itOnPostgres } from './support/which-database';

describe('the step of the schema that brings emails to one form', () => {
  const app = useApp();
  const step = new CanonicalEmails1764000000012();

  beforeEach(async () => {});

  async function apply(): Promise<void> {
    const runner = app.dataSource.createQueryRunner();
    await step.up(runner).finally(() => runner.release()); // the embedded database has one connection
  }

  async function usersWith(emails: string[]): Promise<Record<string, unknown>> {
    const users = app.dataSource.getRepository(UserEntity);
    await users.insert(emails.map((email) => ({ email, name: email, passwordHash: 'x' })));
    await apply();
    return Object.fromEntries((await users.find()).map(({ name, email }) => [name, email]));
  }

  it('changes those that are nobody else’s then, and leaves all others', async () => {
    const kept = ['ada@example.com', '\u00e9va@example.com', 'bob@b\u00fccher.example'];
    const clashing = ['\uff41da@example.com', '\uff45ve@example.com', '\u{1d41e}ve@example.com'];
    const hidden = [
      'z\u200be@example.com',
      '\uff5a\u202ey@example.com',
      '"\u009b"@example.com',
      'a\u3164@example.com',
    ];
    const changed = {
      '\uff47race@example.com': 'grace@example.com',
      'e\u0301milie@example.com': '\u00e9milie@example.com',
      '\u2102arl@example.com': 'carl@example.com', // a capital, once it is an ordinary letter
    };
    expect(await usersWith([...kept, ...clashing, ...hidden, ...Object.keys(changed)])).toEqual({
      ...Object.fromEntries([...kept, ...clashing, ...hidden].map((email) => [email, email])),
      ...changed,
    });
  });

  it('is done once: a second time changes nothing, and nothing has to be taken back', async () => {
    const first = await usersWith(['\uff47race@example.com']);
    await step.down();
    expect(await usersWith([])).toEqual(first);
  });

  it('does the same with the emails of open invites, of which any number may be alike', async () => {
    const { token, org } = await app.signUp(null);
    for (let count = 0; count < 3; count++)
      await app.api('POST', `orgs/${org}/invites`, {
        token,
        body: { role: 'developer', email: 'a@b.example' },
      });
    const invites = app.dataSource.getRepository(InviteEntity);
    const [first, second, third] = await invites.find();
    await invites.update(first!.id, { email: '\uff47race@example.com' });
    await invites.update(second!.id, { email: 'grace\u200b@example.com' });
    await invites.update(third!.id, { email: null });
    await apply();
    const emails = (await invites.find()).map(({ id, email }) => [id, email]);
    expect(Object.fromEntries(emails)).toEqual({
      [first!.id]: 'grace@example.com',
      [second!.id]: 'grace\u200b@example.com',
      [third!.id]: null,
    });
  });

  itOnPostgres(
    'goes on beside a replica of an earlier version that signs somebody up at that moment',
    async () => {
      const { dataSource } = app;
      const users = dataSource.getRepository(UserEntity);
      await dataSource.query('DELETE FROM users'); // of the tests above
      await users.insert({ email: '\uff47race@example.com', passwordHash: 'x' });
      await dataSource.query(`DELETE FROM migrations WHERE name = $1`, [step.constructor.name]);
      let done: Promise<string[]> | undefined;
      await dataSource.transaction(async (transaction) => {
        await transaction.insert(UserEntity, { email: 'grace@example.com', passwordHash: 'x' });
        done = migrate(dataSource);
        const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        while ((await dataSource.query<unknown[]>(waiting)).length === 0) await sleep(5);
      });
      expect(await done).toEqual([step.constructor.name]);
      const emails = (await users.find()).map(({ email }) => email);
      expect(emails.sort()).toEqual(['grace@example.com', '\uff47race@example.com']);
    },
  );
});
