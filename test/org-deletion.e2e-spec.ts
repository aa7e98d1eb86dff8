import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { ProxyTokenEntity } from '../src/auth/proxy-token.entity';
import { UserEntity } from '../src/auth/user.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { SealsService } from '../src/seals/seals.service';
import { Person, useApp } from './support/app';
import { isComplete, openSocket, readRaw } from './support/raw-http';
import { join, messageOf, newMember, rolesOf, toldOf } from './support/people';
import { sealRecorded } from './support/seals';
import { contentWritten, keepContent, tracesOf } from './support/traces';

const ROUNDS = 5;
/** The tables whose rows belong to an organization alone. */
const OWNED = ['user_org_memberships', 'invites', 'api_keys', 'provider_keys', 'limits'];
const ANSWER = '{"type":"message","role":"assistant","content":[{"type":"text","text":"fine"}]}';

describe('an organization that its owner deletes', () => {
  const app = useApp();
  let owner: Person;
  let orgId: string;

  beforeEach(async () => {
    app.upstream.answerWith((request, response) => {
      request
        .resume()
        .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
    });
    owner = await app.signUp();
    orgId = (await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: owner.org })).id;
  });

  const remove = ({ token }: { token: string }, org = owner.org, confirm = org) =>
    app.api('DELETE', `orgs/${org}?confirm=${confirm}`, { token });
  const post = async <Answer>({ token }: Person, path: string, body: object): Promise<Answer> => {
    const response = await app.api('POST', path, { token, body });
    expect(response.status).toBe(201);
    return (await response.json()) as Answer;
  };
  const get = async <Answer>({ token }: Person, path: string): Promise<Answer> =>
    (await (await app.api('GET', path, { token })).json()) as Answer;
  const call = async (token: string, session = 's'): Promise<number> => {
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'x-session-id': session },
      body: JSON.stringify({
        model: 'claude-opus-4-8',
        messages: [{ role: 'user', content: 'Plan the canary' }],
      }),
    });
    await response.text();
    return response.status;
  };
  const tokenFor = (person: Person, org?: string) =>
    post<{ id: string; token: string }>(person, 'me/proxy-tokens', { name: 'ci', ...(org && { org }) });
  const orgExists = () => app.dataSource.getRepository(OrgEntity).existsBy({ id: orgId });

  it('is gone with all that belonged to it alone, at once and for everybody, and its name is free', async () => {
    const { org } = owner;
    const admin = await newMember(app, org, 'admin');
    const developer = await app.signUp();
    await join(app, developer, org, 'developer');
    const tokens = [await tokenFor(owner), await tokenFor(admin), await tokenFor(developer, org)];
    const elsewhere = await tokenFor(developer, developer.org);
    await app.api('PATCH', 'auth/me', { token: developer.token, body: { current_org: org } });
    const { key } = await post<{ key: string }>(owner, `orgs/${org}/api-keys`, { name: 'k' });
    const { code: invite } = await post<{ code: string }>(admin, `orgs/${org}/invites`, { role: 'admin' });
    await app.api('PUT', `orgs/${org}/keys/anthropic`, {
      token: owner.token,
      body: { key: 'sk-ant-shared' },
    });
    const limit = {
      kind: 'spend',
      scope: 'everyone',
      period: 'day',
      amount_usd: '9',
      count_personal_keys: true,
    };
    await post(owner, `orgs/${org}/limits`, limit);
    for (const { token } of [...tokens, elsewhere]) expect(await call(token)).toBe(200); // all are in memory now

    expect((await remove(owner)).status).toBe(204);
    expect(await Promise.all(tokens.map(({ token }) => call(token)))).toEqual([401, 401, 401]);
    expect(await Promise.all([owner, admin, developer, elsewhere].map(({ token }) => call(token)))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await rolesOf(app, owner)).toEqual({});
    expect(await rolesOf(app, admin)).toEqual({});
    expect(await rolesOf(app, developer)).toEqual({ [developer.org]: 'owner' });
    expect((await get<{ current_org: string | null }>(developer, 'auth/me')).current_org).toBe(developer.org);
    for (const table of OWNED)
      expect([
        table,
        await app.dataSource.query(`SELECT 1 FROM "${table}" WHERE org_id = $1`, [orgId]),
      ]).toEqual([table, []]);
    expect(await orgExists()).toBe(false);
    expect((await app.api('GET', `orgs/${org}/members`, { token: owner.token })).status).toBe(404);
    expect((await app.api('GET', 'auth/me', { token: key })).status).toBe(401);
    const accepted = await app.api('POST', 'invites/accept', { token: developer.token, body: { invite } });
    expect(accepted.status).toBe(403);
    const body = { email: `again-${org}@example.com`, password: 'a pass word of mine', org_name: org };
    expect((await app.api('POST', 'auth/register', { body })).status).toBe(201);
  });

  it('leaves what was done in it to those who did it: calls, sums, traces and what is kept of them', async () => {
    const developer = await newMember(app, owner.org, 'developer');
    await keepContent(app, developer);
    expect(await call((await tokenFor(developer)).token)).toBe(200);
    await contentWritten(app);
    await tracesOf(app, developer, 1);
    expect((await remove(owner)).status).toBe(204);
    const { traces } = await get<{ traces: { id: string; title: string; org_id: string }[] }>(
      developer,
      'me/traces?q=canary',
    );
    expect(traces).toMatchObject([{ title: 'Plan the canary', org_id: orgId }]);
    const { agents } = await get<{ agents: { calls: { id: string }[] }[] }>(
      developer,
      `me/traces/${traces[0]!.id}`,
    );
    const path = `me/traces/${traces[0]!.id}/calls/${agents[0]!.calls[0]!.id}`;
    expect(await get(developer, path)).toMatchObject({ request: { state: 'kept' } });
    expect(await get(developer, 'me/calls')).toMatchObject({ calls: [{ org_id: orgId }] });
    expect(await get(developer, 'me/usage')).toMatchObject({ total: { calls: 1 } });
  });

  it('is on the trail of everybody who was in it, and in its seals, which stay', async () => {
    const developer = await newMember(app, owner.org, 'developer');
    await remove(owner);
    const events = (person: Person) => get<object[]>(person, 'me/audit-events?limit=2');
    // Both may have come in one millisecond.
    expect(await events(owner)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ action: 'member_removed', subject_email: developer.email },
          details: expect.objectContaining({ deleted_org: owner.org }),
        }),
        expect.objectContaining({
          action: 'org_deleted',
          details: expect.objectContaining({ name: owner.org, members: 2 }),
        }),
      ]),
    );
    const [event] = await events(developer);
    expect(event).toMatchObject({
      ...{ action: 'member_removed', actor_email: owner.email, address: null },
      details: { deleted_org: owner.org },
    });
    await sealRecorded(app);
    let chain = '';
    for await (const lines of app.app.get(SealsService, { strict: false }).chain(orgId)) chain += lines;
    expect(chain).toContain('org_deleted');
    expect(
      await app.dataSource.getRepository(AuditEventEntity).countBy({ orgId, action: 'member_removed' }),
    ).toBe(1);
  });

  it.each([
    ['', 'required'],
    ['?confirm=', 'too_short'],
    ['?confirm=other', 'not_allowed'],
    ['?confirm=a&confirm=a', 'invalid_type'],
    ['?confirm=ORG', 'not_allowed'],
    ['?force=true', 'unknown_field'],
  ])('stays when %j is all that was given: %s', async (query, code) => {
    const asked = query.replace('ORG', owner.org.toUpperCase());
    const response = await app.api('DELETE', `orgs/${owner.org}${asked}`, { token: owner.token });
    const { errors } = (await response.json()) as { errors: { code: string }[] };
    expect([response.status, errors.map((error) => error.code)]).toEqual([
      400,
      expect.arrayContaining([code]),
    ]);
    expect(await orgExists()).toBe(true);
  });

  it('says in a refusal which name it wants', async () => {
    expect(await messageOf(await remove(owner, owner.org, 'other'))).toBe(
      `confirm must be the name of the organization in its URL form, "${owner.org}". Nothing was deleted.`,
    );
  });

  it.each(['admin', 'auditor', 'developer'] as const)('is nothing that an %s deletes', async (role) => {
    const member = await newMember(app, owner.org, role);
    const response = await remove(member);
    expect([response.status, await messageOf(response)]).toEqual([
      403,
      `Only an owner of the organization can do this; your role is ${role}.`,
    ]);
    expect(await orgExists()).toBe(true);
  });

  it('is not there for strangers, nor for its API keys', async () => {
    expect((await remove(await app.signUp())).status).toBe(404);
    const { key } = await post<{ key: string }>(owner, `orgs/${owner.org}/api-keys`, { name: 'k' });
    expect((await remove({ token: key })).status).toBe(403);
    expect((await remove({ token: (await tokenFor(owner)).token })).status).toBe(403);
    expect(await orgExists()).toBe(true);
  });

  it('cuts off an upload by a token for it, and its caller is told', async () => {
    const developer = await newMember(app, owner.org, 'developer');
    const { token } = await tokenFor(developer);
    const arrival = app.upstream.arrivalOf('/v1/messages?cut');
    const socket = await openSocket(app.port);
    const head = ['POST /proxy/anthropic/v1/messages?cut HTTP/1.1', 'host: a', `x-api-key: ${token}`];
    socket.write([...head, 'content-length: 20', '', ''].join('\r\n') + '{"half":');
    const { body } = await arrival;
    await Promise.all([remove(owner), expect(body).rejects.toThrow('cut off')]);
    const answer = await readRaw(socket, isComplete);
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('was revoked')]);
  });

  it('at one moment with another owner is deleted once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [await app.signUp(null), await app.signUp(null)];
      await join(app, other, one.org, 'owner');
      const answers = await Promise.all([remove(one, one.org), remove(other, one.org)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
      const told = toldOf(app, 'org_deleted').filter((line) =>
        [one, other].some(({ userId }) => JSON.stringify(line).includes(userId)),
      );
      expect(told).toHaveLength(1);
    }
  });

  it('at one moment with whoever joins, leaves or creates a token leaves nothing that works behind', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, guest] = [await app.signUp(null), await app.signUp(null)];
      const [member, leaver] = [
        await newMember(app, one.org, 'developer'),
        await newMember(app, one.org, 'developer'),
      ];
      const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: one.org });
      const { code: invite } = await post<{ code: string }>(one, `orgs/${one.org}/invites`, {
        role: 'developer',
      });
      const [removed, joined, left, created] = await Promise.all([
        remove(one, one.org),
        app.api('POST', 'invites/accept', { token: guest.token, body: { invite } }),
        app.api('DELETE', `orgs/${one.org}/members/me`, { token: leaver.token }),
        app.api('POST', 'me/proxy-tokens', { token: member.token, body: { name: 'ci', org: one.org } }),
      ]);
      expect(removed.status).toBe(204);
      expect([200, 403]).toContain(joined.status);
      expect([204, 404]).toContain(left.status);
      expect([201, 404]).toContain(created.status);
      if (created.status === 201)
        expect(await call(((await created.json()) as { token: string }).token)).toBe(401);
      expect(await rolesOf(app, guest)).toEqual({ [guest.org]: 'owner' });
      const tokens = app.dataSource.getRepository(ProxyTokenEntity);
      const users = app.dataSource.getRepository(UserEntity);
      expect([await tokens.countBy({ orgId: id }), await users.countBy({ currentOrgId: id })]).toEqual([
        0, 0,
      ]);
    }
  });
});
