import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { InviteEntity } from '../src/orgs/invite.entity';
import { MembershipEntity, Role } from '../src/orgs/membership.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, useApp } from './support/app';
import { itOnPostgres } from './support/which-database';

describe('the members of an organization', () => {
  const app = useApp();
  let owner: Person;

  beforeEach(async () => {
    owner = await app.signUp();
  });

  /** Somebody who is in the owner's org alone, as people are who come by invite. */
  async function member(role: Role): Promise<Person> {
    const person = await app.signUp();
    const memberships = app.dataSource.getRepository(MembershipEntity);
    await memberships.delete({ userId: person.userId });
    await join(person, owner.org, role);
    return { ...person, org: owner.org };
  }
  async function join({ userId }: Person, name: string, role: Role): Promise<void> {
    const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name });
    await app.dataSource.getRepository(MembershipEntity).insert({ userId, orgId: id, role });
  }
  const act = (by: Person, what: 'deactivate' | 'reactivate', whom: Person, org = owner.org) =>
    app.api('POST', `orgs/${org}/members/${whom.userId}/${what}`, { token: by.token });
  const call = async ({ token }: { token: string }): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;
  const signIn = ({ email, password }: Person) =>
    app.api('POST', 'auth/login', { body: { email, password } });
  const messageOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { message: string }).message;

  it('are listed for its owners and admins', async () => {
    const people = [await member('developer'), await member('admin')];
    const [developer, admin] = people as [Person, Person];
    const path = `orgs/${owner.org}/members`;
    const listed = (await (await app.api('GET', path, { token: admin.token })).json()) as object[];
    expect(listed).toHaveLength(3);
    expect(listed).toContainEqual({
      user_id: developer.userId,
      email: developer.email,
      name: null,
      role: 'developer',
      deactivated_at: null,
      has_key: true,
      last_active_at: expect.stringMatching(/^2.*Z$/),
    });
    expect((await app.api('GET', path, { token: developer.token })).status).toBe(403);
    expect((await app.api('GET', path, { token: (await app.signUp()).token })).status).toBe(404);
  });

  it('are listed with whether they have a key and when they were last there, by session or by token', async () => {
    const bob = await member('developer');
    const { token } = owner;
    const listed = async (): Promise<object> => {
      const list = (await (await app.api('GET', `orgs/${owner.org}/members`, { token })).json()) as {
        user_id: string;
      }[];
      return list.find(({ user_id }) => user_id === bob.userId)!;
    };
    await app.dataSource.query('UPDATE auth_sessions SET last_used_at = $1 WHERE user_id = $2', [
      '2026-01-01T10:00:00Z',
      bob.userId,
    ]);
    expect(await listed()).toMatchObject({ has_key: true, last_active_at: '2026-01-01T10:00:00.000Z' });
    await app.dataSource.query(
      `INSERT INTO proxy_tokens (user_id, org_id, name, token_hash, last_used_at)
       SELECT $1, id, name, md5(name), (CASE name WHEN $2 THEN '2026-01-02T00:00:00Z' ELSE '2026-01-03T00:00:00Z' END)::timestamptz
         FROM orgs WHERE name = $2 OR name = $3`,
      [bob.userId, owner.org, (await app.signUp(null)).org],
    );
    expect(await listed()).toMatchObject({ last_active_at: '2026-01-02T00:00:00.000Z' });
    await app.dataSource.query('DELETE FROM provider_keys WHERE user_id = $1', [bob.userId]);
    await app.dataSource.query('DELETE FROM proxy_tokens WHERE user_id = $1', [bob.userId]);
    await app.dataSource.query('DELETE FROM auth_sessions WHERE user_id = $1', [bob.userId]);
    expect(await listed()).toMatchObject({ has_key: false, last_active_at: null });
  });

  it('who are deactivated are out at once: the API, the proxy, sign-in; their key and the trail stay', async () => {
    const leaver = await member('developer');
    const body = { name: 'ci' };
    const created = await app.api('POST', 'me/proxy-tokens', { token: leaver.token, body });
    const agent = (await created.json()) as { token: string };
    expect([await call(leaver), await call(agent)]).toEqual([200, 200]);
    expect((await act(owner, 'deactivate', leaver)).status).toBe(204);
    expect([await call(leaver), await call(agent)]).toEqual([401, 401]);
    expect((await app.api('GET', 'auth/me', { token: leaver.token })).status).toBe(401);
    const refused = await signIn(leaver);
    expect([refused.status, await messageOf(refused)]).toEqual([
      403,
      expect.stringContaining('This account was deactivated. Ask an owner'),
    ]);
    expect((await signIn({ ...leaver, password: 'not the password' })).status).toBe(401);
    const listed = await app.api('GET', `orgs/${owner.org}/members`, { token: owner.token });
    expect(await listed.json()).toContainEqual(
      expect.objectContaining({ user_id: leaver.userId, deactivated_at: expect.stringMatching(/Z$/) }),
    );
    expect(await app.dataSource.getRepository(ProviderKeyEntity).existsBy({ userId: leaver.userId })).toBe(
      true,
    );

    expect((await act(owner, 'reactivate', leaver)).status).toBe(204);
    const { token } = (await (await signIn(leaver)).json()) as { token: string };
    expect(await call({ token })).toBe(200);
    expect([await call(leaver), await call(agent)]).toEqual([401, 401]); // the old ones are gone for good
    const trail = (await (await app.api('GET', 'me/audit-events', { token })).json()) as {
      action: string;
      actor_email: string | null;
    }[];
    expect(trail.slice(0, 5).map(({ action, actor_email }) => [action, actor_email])).toEqual([
      ['signed_in', leaver.email],
      ['member_reactivated', owner.email],
      ['sign_in_failed', null],
      ['sign_in_failed', null],
      ['member_deactivated', owner.email],
    ]);
  });

  it('keep the answer that is being sent to them, and get no other', async () => {
    const leaver = await member('developer');
    const stream = await openStream(leaver);
    await act(owner, 'deactivate', leaver);
    expect(await call(leaver)).toBe(401);
    stream.finish();
    expect(await stream.text).toBe('begin end');
  });

  async function openStream({ token }: Person) {
    let finish = (): void => undefined;
    app.upstream.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('begin ');
      finish = () => response.end('end');
    });
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token },
      body: '{}',
    });
    return { text: response.text(), finish: () => finish() };
  }

  it('can’t be let in by a device login that they approved before', async () => {
    const leaver = await member('developer');
    const { user_code, device_code } = (await (
      await app.api('POST', 'auth/device/authorize', { body: {} })
    ).json()) as Record<string, string>;
    await app.api('POST', 'auth/device/approve', { token: leaver.token, body: { user_code } });
    await act(owner, 'deactivate', leaver);
    expect((await app.api('POST', 'auth/device/token', { body: { device_code } })).status).toBe(400);
  });

  it('who leave leave no open invite behind', async () => {
    const leaver = await member('admin');
    await app.api('POST', `orgs/${owner.org}/invites`, { token: leaver.token, body: { role: 'developer' } });
    await act(owner, 'deactivate', leaver);
    expect(await app.dataSource.getRepository(InviteEntity).count()).toBe(0);
  });

  it.each<[Role, Role, number]>([
    ['owner', 'owner', 204],
    ['owner', 'admin', 204],
    ['admin', 'admin', 204],
    ['admin', 'developer', 204],
    ['admin', 'owner', 403],
    ['developer', 'developer', 403],
  ])('can be deactivated by an %s when they are %s: %i', async (own, theirs, status) => {
    const [actor, target] = [await member(own), await member(theirs)];
    expect((await act(actor, 'deactivate', target)).status).toBe(status);
    expect(await call(target)).toBe(status === 204 ? 401 : 200);
  });

  it('can’t deactivate themselves', async () => {
    const response = await act(owner, 'deactivate', owner);
    expect([response.status, await messageOf(response)]).toEqual([409, expect.stringContaining('yourself')]);
    expect(await call(owner)).toBe(200);
  });

  it('who are in another org as well are not one org’s to deactivate', async () => {
    const both = await app.signUp(); // has an org of their own
    await join(both, owner.org, 'developer');
    const response = await act(owner, 'deactivate', both);
    expect([response.status, await messageOf(response)]).toEqual([
      403,
      expect.stringContaining('tracevault-server deactivate-user'),
    ]);
    await join(owner, both.org, 'owner');
    expect((await act(owner, 'deactivate', both)).status).toBe(204);
  });

  it('can be removed from one org by those who outrank them there, whatever they are elsewhere', async () => {
    const both = await app.signUp();
    await join(both, owner.org, 'admin');
    const admin = await member('admin');
    const remove = (by: Person, whom: Person) =>
      app.api('DELETE', `orgs/${owner.org}/members/${whom.userId}`, { token: by.token });
    await app.api('POST', `orgs/${owner.org}/invites`, { token: both.token, body: { role: 'developer' } });
    await app.api('POST', `orgs/${both.org}/invites`, { token: both.token, body: { role: 'developer' } });
    expect((await remove(admin, owner)).status).toBe(403);
    expect((await remove(both, both)).status).toBe(409);
    expect((await remove(admin, both)).status).toBe(204);
    expect((await remove(admin, both)).status).toBe(404);
    expect((await app.api('GET', `orgs/${owner.org}/members`, { token: both.token })).status).toBe(404);
    expect(await app.dataSource.getRepository(InviteEntity).count()).toBe(1); // that of their own org
    expect(await call(both)).toBe(200);
  });

  it('of another org are not found', async () => {
    const stranger = await app.signUp();
    expect((await act(owner, 'deactivate', stranger)).status).toBe(404);
    expect(await call(stranger)).toBe(200);
  });

  itOnPostgres('of two owners who deactivate each other at one moment, one stays', async () => {
    const second = await member('owner');
    await Promise.all([act(owner, 'deactivate', second), act(second, 'deactivate', owner)]);
    expect([await call(owner), await call(second)].sort()).toEqual([200, 401]);
  });

  it('are deactivated once: the second time changes nothing and is told nowhere', async () => {
    const leaver = await member('developer');
    const eventsAbout = ({ userId }: Person): string[] =>
      app.log.split('\n').filter((line) => line.includes('"member_deactivated"') && line.includes(userId));
    for (let times = 0; times < 2; times++) expect((await act(owner, 'deactivate', leaver)).status).toBe(204);
    expect(eventsAbout(leaver)).toHaveLength(1);
  });
});
