import { UserEntity } from '../src/auth/user.entity';
import { Role } from '../src/orgs/membership.entity';
import { Person, useApp } from './support/app';
import { join, messageOf, newMember, rolesOf, toldOf } from './support/people';

const ROUNDS = 5;

describe('the role of a member', () => {
  const app = useApp();
  let owner: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    owner = await app.signUp();
  });

  const change = (by: Person, whom: Person, role: string, org = owner.org) =>
    app.api('PATCH', `orgs/${org}/members/${whom.userId}`, { token: by.token, body: { role } });
  const roleOf = async (person: Person): Promise<Role | undefined> => (await rolesOf(app, person))[owner.org];

  it.each<[Role, Role, Role, number]>([
    ['owner', 'developer', 'owner', 200],
    ['owner', 'owner', 'developer', 200],
    ['owner', 'admin', 'developer', 200],
    ['admin', 'developer', 'admin', 200],
    ['admin', 'admin', 'developer', 200],
    ['admin', 'developer', 'owner', 403],
    ['admin', 'owner', 'admin', 403],
    ['admin', 'owner', 'owner', 403],
    ['owner', 'developer', 'auditor', 200],
    ['owner', 'auditor', 'developer', 200],
    ['admin', 'developer', 'auditor', 403],
    ['admin', 'auditor', 'developer', 403],
    ['auditor', 'developer', 'admin', 403],
    ['auditor', 'developer', 'auditor', 403],
    ['developer', 'developer', 'admin', 403],
  ])('is changed by an %s for a member who is %s, to %s: %i', async (own, theirs, wanted, status) => {
    const [actor, target] = [await newMember(app, owner.org, own), await newMember(app, owner.org, theirs)];
    const response = await change(actor, target, wanted);
    expect(response.status).toBe(status);
    expect(await roleOf(target)).toBe(status === 200 ? wanted : theirs);
    if (status === 200)
      expect(await response.json()).toEqual({
        user_id: target.userId,
        email: target.email,
        name: null,
        role: wanted,
        deactivated_at: null,
      });
  });

  it('counts from the next request on, and is on the trail of both', async () => {
    const target = await newMember(app, owner.org, 'developer');
    expect((await app.api('GET', `orgs/${owner.org}/members`, { token: target.token })).status).toBe(403);
    await change(owner, target, 'admin');
    expect((await app.api('GET', `orgs/${owner.org}/members`, { token: target.token })).status).toBe(200);
    for (const { token } of [owner, target]) {
      const [event] = (await (await app.api('GET', 'me/audit-events?limit=1', { token })).json()) as object[];
      expect(event).toMatchObject({
        action: 'role_changed',
        actor_email: owner.email,
        subject_email: target.email,
        details: { role: 'admin', from: 'developer' },
      });
    }
  });

  it('that they have already is no change, and told nowhere', async () => {
    const target = await newMember(app, owner.org, 'admin');
    expect((await change(owner, target, 'admin')).status).toBe(200);
    expect(
      toldOf(app, 'role_changed').filter((line) => JSON.stringify(line).includes(target.userId)),
    ).toEqual([]);
  });

  it('is one of four, in a request with nothing else', async () => {
    const target = await newMember(app, owner.org, 'admin');
    for (const role of ['boss', '', 'OWNER']) {
      const response = await change(owner, target, role);
      expect([response.status, await messageOf(response)]).toEqual([
        400,
        'role must be one of the following values: owner, admin, auditor, developer',
      ]);
    }
    const path = `orgs/${owner.org}/members/${target.userId}`;
    const more = await app.api('PATCH', path, {
      token: owner.token,
      body: { role: 'admin', email: 'a@b.cc' },
    });
    expect(more.status).toBe(400);
  });

  it('of somebody in no such organization is not found, nor is the organization to a stranger', async () => {
    const stranger = await app.signUp(null);
    expect((await change(owner, stranger, 'admin')).status).toBe(404);
    expect((await change(stranger, owner, 'developer')).status).toBe(404);
  });

  it('the last owner keeps, and hears what to do first', async () => {
    const admin = await newMember(app, owner.org, 'admin');
    const response = await change(owner, owner, 'admin');
    expect([response.status, await messageOf(response)]).toEqual([
      409,
      `You are the last owner of "${(await orgOf(owner)).display_name}". Make another member an owner first.`,
    ]);
    expect(await roleOf(owner)).toBe('owner');
    await change(owner, admin, 'owner');
    expect((await change(owner, owner, 'admin')).status).toBe(200);
    expect([await roleOf(owner), await roleOf(admin)]).toEqual(['admin', 'owner']);
    expect((await change(owner, owner, 'owner')).status).toBe(403); // nobody takes back what they gave away
  });

  async function orgOf({ token }: Person): Promise<{ display_name: string }> {
    const me = (await (await app.api('GET', 'auth/me', { token })).json()) as {
      orgs: { display_name: string }[];
    };
    return me.orgs[0]!;
  }

  it('an owner keeps while the only other one is deactivated', async () => {
    const other = await newMember(app, owner.org, 'owner');
    const users = app.dataSource.getRepository(UserEntity);
    await users.update(other.userId, { deactivatedAt: new Date() });
    expect((await change(owner, owner, 'developer')).status).toBe(409);
    await users.update(other.userId, { deactivatedAt: null });
    expect((await change(owner, owner, 'developer')).status).toBe(200);
  });

  it('is an owner’s for one of two owners who demote each other at one moment', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [await app.signUp(null), await app.signUp(null)];
      await join(app, other, one.org, 'owner');
      const answers = await Promise.all([
        change(one, other, 'developer', one.org),
        change(other, one, 'developer', one.org),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
      const roles = [await rolesOf(app, one), await rolesOf(app, other)].map((roles) => roles[one.org]);
      expect(roles.sort()).toEqual(['developer', 'owner']);
    }
  });

  it('is an owner’s for one of two owners who step down at one moment', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [await app.signUp(null), await app.signUp(null)];
      await join(app, other, one.org, 'owner');
      const answers = await Promise.all([
        change(one, one, 'admin', one.org),
        change(other, other, 'admin', one.org),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });
});
