import { AccountsService } from '../src/accounts/accounts.service';
import { DeviceAuthorizationEntity } from '../src/accounts/device-authorization.entity';
import { SessionEntity } from '../src/auth/session.entity';
import { SessionsService } from '../src/auth/sessions.service';
import { LastUsedTracker } from '../src/auth/last-used-tracker';
import { UserEntity } from '../src/auth/user.entity';
import { ApiKeyEntity } from '../src/orgs/api-key.entity';
import { InviteEntity } from '../src/orgs/invite.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, useApp } from './support/app';

const MAX_SESSIONS = 100;
const MAX_WAITING_LOGINS = 2_000;

/** What a person or a stranger can make rows of has an end, also when many are made at one moment. */
describe('at most', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    person = await app.signUp();
  });

  const orgId = async (): Promise<string> =>
    (await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: person.org })).id;
  const create = (path: string, body: object) =>
    app.api('POST', `orgs/${person.org}/${path}`, { token: person.token, body });

  it.each([
    ['a hundred open invites', 'invites', { role: 'developer' }, InviteEntity, /100 open invites.*Withdraw/],
    ['a hundred API keys', 'api-keys', { name: 'build' }, ApiKeyEntity, /100 API keys.*Remove/],
  ])('%s an organization, when 130 are made at once', async (_, path, body, entity, refusal) => {
    const answers = await Promise.all(Array.from({ length: 130 }, () => create(path, body)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(100);
    expect(statuses.filter((status) => status === 409)).toHaveLength(30);
    const rows = app.dataSource.getRepository<{ id: string; orgId: string }>(entity);
    expect(await rows.countBy({ orgId: await orgId() })).toBe(100);
    const refused = await create(path, body);
    expect(((await refused.json()) as { message: string }).message).toMatch(refusal);

    const { id } = await rows.findOneByOrFail({ orgId: await orgId() });
    const removed = await app.api('DELETE', `orgs/${person.org}/${path}/${id}`, { token: person.token });
    expect([removed.status, (await create(path, body)).status]).toEqual([204, 201]);
  });

  it('a hundred sessions a person, when more begin at once: the least used end, for the proxy too', async () => {
    const call = async (): Promise<number> =>
      (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } })).status;
    expect(await call()).toBe(200);
    const sessions = app.dataSource.getRepository(SessionEntity);
    const { uses } = app.app.get<unknown, { uses: LastUsedTracker }>(SessionsService, { strict: false });
    /** A use is written behind its answer, and must not come after this. */
    const lieUnused = async (): Promise<void> => {
      await uses.settled();
      await sessions.update(first.id, { lastUsedAt: new Date(Date.now() - 3_600_000) });
    };
    const first = await sessions.findOneByOrFail({ userId: person.userId });
    await lieUnused();
    const user = await app.dataSource.getRepository(UserEntity).findOneByOrFail({ id: person.userId });
    const accounts = app.app.get(AccountsService, { strict: false });
    const begin = (count: number) =>
      Promise.all(Array.from({ length: count }, () => accounts.signIn(user, 'a script')));

    await begin(MAX_SESSIONS - 1);
    expect([await call(), await sessions.countBy({ userId: person.userId })]).toEqual([200, MAX_SESSIONS]);
    await lieUnused();
    const begun = await begin(30);
    expect(await sessions.countBy({ userId: person.userId })).toBe(MAX_SESSIONS);
    const tokens = begun.map((session) => session!.token);
    for (const token of tokens.slice(0, 3))
      expect((await app.api('GET', 'auth/me', { token })).status).toBe(200);
    expect([await call(), (await app.api('GET', 'auth/me', { token: person.token })).status]).toEqual([
      401, 401,
    ]);
  });

  it('two thousand device logins that wait: the oldest go, and none that a person has approved', async () => {
    const logins = app.dataSource.getRepository(DeviceAuthorizationEntity);
    const begin = () => app.api('POST', 'auth/device/authorize', { body: {} });
    const approved = (await (await begin()).json()) as Record<string, string>;
    const { user_code } = approved;
    const approval = await app.api('POST', 'auth/device/approve', {
      token: person.token,
      body: { user_code },
    });
    expect(approval.status).toBe(204);
    const oldest = (await (await begin()).json()) as Record<string, string>;
    await app.dataSource.query(
      `INSERT INTO device_authorizations (device_code_hash, user_code_hash, client_name, interval_seconds, expires_at)
       SELECT 'device ' || n, 'user ' || n, 'a flood', 5, now() + interval '600 s' FROM generate_series(1, $1::int) AS n`,
      [MAX_WAITING_LOGINS],
    );
    const begun = await Promise.all(Array.from({ length: 20 }, begin));
    expect(new Set(begun.map(({ status }) => status))).toEqual(new Set([200]));
    const newest = (await (await begin()).json()) as Record<string, string>;
    expect(await logins.countBy({ status: 'pending' })).toBe(MAX_WAITING_LOGINS);

    const poll = async ({ device_code }: Record<string, string>): Promise<unknown> => {
      const answer = await app.api('POST', 'auth/device/token', { body: { device_code } });
      return answer.status === 200 ? 'a session' : ((await answer.json()) as { error: string }).error;
    };
    expect(await poll(oldest)).toBe('invalid_grant');
    expect(await poll(newest)).toBe('authorization_pending');
    expect(await poll(approved)).toBe('a session');
  });
});
