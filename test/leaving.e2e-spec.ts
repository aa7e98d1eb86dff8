import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { ApiKeyEntity } from '../src/orgs/api-key.entity';
import { InviteEntity } from '../src/orgs/invite.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, useApp } from './support/app';
import { join, messageOf, newMember, rolesOf, toldOf } from './support/people';

const ROUNDS = 5;

describe('who leaves an organization', () => {
  const app = useApp();
  let owner: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    owner = await app.signUp();
  });

  const leave = ({ token }: Person, org = owner.org) =>
    app.api('DELETE', `orgs/${org}/members/me`, { token });
  const call = async ({ token }: Person): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;

  it('is out of it, keeps the account and the key, and can be in none', async () => {
    const developer = await newMember(app, owner.org, 'developer');
    expect((await leave(developer)).status).toBe(204);
    expect(await rolesOf(app, developer)).toEqual({});
    expect((await leave(developer)).status).toBe(404);
    expect(await call(developer)).toBe(200);
    const { email, password } = developer;
    expect((await app.api('POST', 'auth/login', { body: { email, password } })).status).toBe(200);
    const [, event] = (await (
      await app.api('GET', 'me/audit-events?limit=2', { token: developer.token })
    ).json()) as object[];
    expect(event).toMatchObject({ action: 'member_left', details: { role: 'developer' } });
  });

  it('leaves no open invite to it behind', async () => {
    const admin = await newMember(app, owner.org, 'admin');
    const path = `orgs/${owner.org}/invites`;
    const created = await app.api('POST', path, { token: admin.token, body: { role: 'developer' } });
    const { id } = (await created.json()) as { id: string };
    await leave(admin);
    expect(await app.dataSource.getRepository(InviteEntity).existsBy({ id })).toBe(false);
  });

  it('as its last owner is told what to do first', async () => {
    const admin = await newMember(app, owner.org, 'admin');
    const response = await leave(owner);
    expect([response.status, await messageOf(response)]).toEqual([
      409,
      expect.stringMatching(
        /^You are the last owner of "org [0-9a-f]+", and others are in it\. Make another member an owner first, or remove the others\.$/,
      ),
    ]);
    const path = `orgs/${owner.org}/members/${admin.userId}`;
    await app.api('PATCH', path, { token: owner.token, body: { role: 'owner' } });
    expect((await leave(owner)).status).toBe(204);
    expect(await rolesOf(app, admin)).toEqual({ [owner.org]: 'owner' });
  });

  it('as the last of all takes it along, with its keys and invites, and its name is free', async () => {
    const { token, org } = owner;
    await app.api('POST', `orgs/${org}/api-keys`, { token, body: { name: 'k' } });
    await app.api('POST', `orgs/${org}/invites`, { token, body: { role: 'admin' } });
    const { id: orgId } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: org });
    expect((await leave(owner)).status).toBe(204);
    for (const entity of [ApiKeyEntity, InviteEntity])
      expect(await app.dataSource.getRepository<{ orgId: string }>(entity).existsBy({ orgId })).toBe(false);
    expect(await app.dataSource.getRepository(OrgEntity).existsBy({ id: orgId })).toBe(false);
    const rows = await app.dataSource
      .getRepository(AuditEventEntity)
      .findBy({ orgId, action: 'org_deleted' });
    expect(rows.map(({ actorId, details }) => [actorId, details.name])).toEqual([[owner.userId, org]]);
    const body = { email: `again-${org}@example.com`, password: 'a pass word of mine', org_name: org };
    expect((await app.api('POST', 'auth/register', { body })).status).toBe(201);
  });

  it('does so by the word `me`: by their id nobody puts themselves out', async () => {
    const response = await app.api('DELETE', `orgs/${owner.org}/members/${owner.userId}`, {
      token: owner.token,
    });
    expect([response.status, await messageOf(response)]).toEqual([409, expect.stringContaining('yourself')]);
  });

  it('at one moment with the other owner: one of them stays, whoever else is in it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [await app.signUp(null), await app.signUp(null)];
      await join(app, other, one.org, 'owner');
      await newMember(app, one.org, 'developer');
      const answers = await Promise.all([leave(one, one.org), leave(other, one.org)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    }
  });

  it('at one moment with somebody who joins by invite: neither is in an organization without an owner', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, guest] = [await app.signUp(null), await app.signUp(null)];
      const path = `orgs/${one.org}/invites`;
      const created = await app.api('POST', path, { token: one.token, body: { role: 'developer' } });
      const { code: invite } = (await created.json()) as { code: string };
      const [left, joined] = await Promise.all([
        leave(one, one.org),
        app.api('POST', 'invites/accept', { token: guest.token, body: { invite } }),
      ]);
      expect([
        [204, 403],
        [409, 200],
      ]).toContainEqual([left.status, joined.status]);
    }
  });

  it('is told of once', async () => {
    const developer = await newMember(app, owner.org, 'developer');
    await leave(developer);
    await leave(developer);
    const told = toldOf(app, 'member_left').filter((line) => JSON.stringify(line).includes(developer.userId));
    expect(told).toHaveLength(1);
  });
});
