import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { UserEntity } from '../src/auth/user.entity';
import { schema } from '../src/database/schema';
import { AgentSessionEntity } from '../src/metering/agent-session.entity';
import { CallEntity } from '../src/metering/call.entity';
import { OrgUsageHourEntity } from '../src/metering/org-usage-hour.entity';
import { SpendDayEntity } from '../src/metering/spend-day.entity';
import { UsageHourEntity } from '../src/metering/usage-hour.entity';
import { ApiKeyEntity } from '../src/orgs/api-key.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, TestApp, useApp } from './support/app';
import { isComplete, openSocket, readRaw } from './support/raw-http';
import { join, messageOf, newMember, rolesOf } from './support/people';

const ROUNDS = 5;
const LEDGER: readonly unknown[] = [
  CallEntity,
  UsageHourEntity,
  OrgUsageHourEntity,
  AgentSessionEntity,
  SpendDayEntity,
];

describe('an account that its person deletes', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    person = await app.signUp();
  });

  const remove = ({ token, password }: Person, current_password = password) =>
    app.api('POST', 'auth/me/delete', { token, body: { current_password } });
  const call = async (token: string): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;
  const tokenFor = async ({ token }: Person): Promise<{ id: string; token: string }> => {
    const created = await app.api('POST', 'me/proxy-tokens', { token, body: { name: 'ci' } });
    return (await created.json()) as { id: string; token: string };
  };
  const rows = <Row extends object>(entity: new () => Row) => app.dataSource.getRepository<Row>(entity);

  it('is gone from the next request on, with everything that was theirs, and the trail stays', async () => {
    const { token, email, password, userId, org } = person;
    const agent = (await tokenFor(person)).token;
    await app.api('POST', `orgs/${org}/api-keys`, { token, body: { name: 'k' } });
    await app.api('POST', `orgs/${org}/invites`, { token, body: { role: 'developer' } });
    const begun = await app.api('POST', 'auth/device/authorize', { body: {} });
    const { user_code, device_code } = (await begun.json()) as Record<string, string>;
    await app.api('POST', 'auth/device/approve', { token, body: { user_code } });
    expect([await call(token), await call(agent)]).toEqual([200, 200]); // both are in memory now
    const before = await rows(AuditEventEntity).countBy({ actorId: userId });

    const gone = await remove(person);
    expect(gone.status).toBe(204);
    expect(gone.headers.getSetCookie().join()).toMatch(/tracevault_session_\d+=;/);
    expect([await call(token), await call(agent)]).toEqual([401, 401]);
    expect((await app.api('GET', 'auth/me', { token })).status).toBe(401);
    expect((await app.api('POST', 'auth/login', { body: { email, password } })).status).toBe(401);
    expect((await app.api('POST', 'auth/device/token', { body: { device_code } })).status).toBe(400);
    await app.calls(person, 2);
    for (const entity of schema.entities.filter((one) => one !== (AuditEventEntity as object))) {
      const left = JSON.stringify(await rows<object>(entity).find());
      // What was spent stays, by an id that leads to nobody.
      const traces = LEDGER.includes(entity) ? [email, org] : [userId, email, org];
      for (const trace of traces) expect(left).not.toContain(trace);
    }
    const trail = await rows(AuditEventEntity).find({ where: { actorId: userId }, order: { at: 'DESC' } });
    expect(trail).toHaveLength(before + 2);
    expect(trail.slice(0, 2).map(({ action, details }) => ({ action, ...details }))).toEqual([
      { action: 'org_deleted', name: org, via_session: expect.any(String) },
      { action: 'account_deleted', email, via_session: expect.any(String) },
    ]);
    const again = { email, password: 'another pass word', org_name: org };
    const registered = await app.api('POST', 'auth/register', { body: again });
    expect(registered.status).toBe(201);
    const second = (await registered.json()) as { token: string };
    const theirs = await app.api('GET', 'me/audit-events', { token: second.token });
    expect(await theirs.json()).toHaveLength(1); // another person, as far as this server knows
  });

  it('takes the current password, and nothing goes by a wrong one', async () => {
    const response = await remove(person, 'not the password');
    expect([response.status, await messageOf(response)]).toEqual([
      403,
      'current_password is not your password. Nothing was deleted.',
    ]);
    expect(await call(person.token)).toBe(200);
    const { token } = person;
    const [event] = (await (await app.api('GET', 'me/audit-events?limit=1', { token })).json()) as object[];
    expect(event).toMatchObject({ action: 'account_deletion_refused' });
    expect((await app.api('POST', 'auth/me/delete', { token, body: {} })).status).toBe(400);
    const { token: proxyToken } = await tokenFor(person);
    expect((await remove({ ...person, token: proxyToken })).status).toBe(403);
  });

  it('is nobody’s to guess at: wrong passwords count with those of a change of it', async () => {
    const limited = await TestApp.start({ adjust: (config) => ({ ...config, rateLimits: true }) });
    const { token, password } = await limited.signUp();
    const wrong = { current_password: 'not the password' };
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      const [method, path, more] =
        attempt % 2 === 0
          ? (['POST', 'auth/me/delete', {}] as const)
          : (['PUT', 'auth/password', { new_password: 'another pass word' }] as const);
      statuses.push((await limited.api(method, path, { token, body: { ...wrong, ...more } })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([403]));
    const body = { current_password: password };
    const refused = await limited.api('POST', 'auth/me/delete', { token, body });
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    await limited.close();
  });

  it('stays while its person is the last owner of what others are in, and hears which', async () => {
    const other = await app.signUp();
    const colleague = await newMember(app, person.org, 'admin');
    await join(app, person, other.org, 'developer');
    const response = await remove(person);
    expect([response.status, await messageOf(response)]).toEqual([
      409,
      expect.stringMatching(
        /^You are the last owner of "org [0-9a-f]+", and others are in it\. Make another member an owner first, or remove the others\. Nothing was deleted\.$/,
      ),
    ]);
    expect(await call(person.token)).toBe(200);
    expect(Object.keys(await rolesOf(app, person))).toHaveLength(2);
    const path = `orgs/${person.org}/members/${colleague.userId}`;
    await app.api('PATCH', path, { token: person.token, body: { role: 'owner' } });
    const { token } = person;
    await app.api('POST', `orgs/${person.org}/api-keys`, { token, body: { name: 'stays' } });
    expect((await remove(person)).status).toBe(204);
    expect(await rolesOf(app, colleague)).toEqual({ [person.org]: 'owner' });
    expect(await rows(ApiKeyEntity).findOneByOrFail({ name: 'stays' })).toMatchObject({ createdBy: null });
    const members = await app.api('GET', `orgs/${other.org}/members`, { token: other.token });
    expect(await members.json()).toMatchObject([{ user_id: other.userId }]);
  });

  it('leaves others the events it is in, by somebody whose account is gone', async () => {
    const admin = await newMember(app, person.org, 'admin');
    const target = await newMember(app, person.org, 'developer');
    const path = `orgs/${person.org}/members/${target.userId}`;
    await app.api('PATCH', path, { token: admin.token, body: { role: 'admin' } });
    await remove(admin);
    const [event] = (await (
      await app.api('GET', 'me/audit-events?limit=1', { token: target.token })
    ).json()) as object[];
    expect(event).toMatchObject({ action: 'role_changed', actor: 'person', actor_email: null });
  });

  it('keeps the answer that is being sent, and gets no other', async () => {
    let finish = (): void => undefined;
    app.upstream.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('begin ');
      finish = () => response.end('end');
    });
    const headers = { 'x-api-key': person.token };
    const response = await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body: '{}' });
    expect((await remove(person)).status).toBe(204);
    expect(await call(person.token)).toBe(401);
    finish();
    expect(await response.text()).toBe('begin end');
    app.upstream.answerWithDefault();
  });

  it('ends an upload that is not complete, with the 401 of the next request', async () => {
    app.upstream.answerWith((request) => void request.resume());
    const arrival = app.upstream.arrivalOf('/v1/upload');
    const socket = await openSocket(app.port);
    const head = ['POST /proxy/anthropic/v1/upload HTTP/1.1', 'host: a', `x-api-key: ${person.token}`];
    socket.write([...head, 'content-length: 20', '', 'half of it'].join('\r\n'));
    const { body } = await arrival;
    await remove(person);
    expect((await readRaw(socket, isComplete, 5_000)).status).toBe(401);
    await expect(body).rejects.toThrow('cut off');
    app.upstream.answerWithDefault();
  });

  it('at one moment with the other owner’s: whoever else is in the organization has one of them', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [await app.signUp(null), await app.signUp(null)];
      await join(app, other, one.org, 'owner');
      await newMember(app, one.org, 'developer');
      const answers = await Promise.all([remove(one), remove(other)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    }
  });

  it('at one moment with what begins access ends it, and nothing answers with an error of the server', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const one = await app.signUp();
      const { token, email, password, org } = one;
      const post = (path: string, body: object) => app.api('POST', path, { token, body });
      const answers = await Promise.all([
        post('me/proxy-tokens', { name: 'ci' }),
        post(`orgs/${org}/invites`, { role: 'developer' }),
        remove(one),
        app.api('POST', 'auth/login', { body: { email, password } }),
        app.api('PUT', 'me/anthropic-key', { token, body: { key: 'sk-ant-again' } }),
        post(`orgs/${org}/api-keys`, { name: 'k' }),
        post('me/proxy-tokens', { name: 'ci' }),
        app.api('GET', 'auth/me', { token }),
      ]);
      const broken = answers.map(({ status }) => (status < 500 ? 'answered' : status));
      expect(broken).toEqual(answers.map(() => 'answered'));
      expect(answers[2].status).toBe(204);
      for (const answer of answers) {
        const { token: got } = (answer.status === 204 ? {} : await answer.json()) as { token?: string };
        if (got !== undefined) expect(await call(got)).toBe(401);
      }
      expect(await rows(OrgEntity).existsBy({ name: org })).toBe(false);
    }
  });
});

describe('the only account of a server', () => {
  let app: TestApp;
  afterEach(() => app.close());

  const remove = ({ token, password }: Person) =>
    app.api('POST', 'auth/me/delete', { token, body: { current_password: password } });
  const server = async () => (await (await app.api('GET', 'server')).json()) as object;
  const start = (TRACEVAULT_REGISTRATION: string) => TestApp.start({ env: { TRACEVAULT_REGISTRATION } });

  it.each(['invite', 'closed'])(
    'stays where strangers may not sign up (%s): the next would be one',
    async (mode) => {
      app = await start(mode);
      const person = await app.signUp();
      const response = await remove(person);
      expect([response.status, await messageOf(response)]).toEqual([
        409,
        'Yours is the only account of this server: without it, whoever comes next could sign up as the first. ' +
          'Whoever runs the server can take it down with its data. Your key you can remove at any time.',
      ]);
      expect(await server()).toMatchObject({ first_start: false, registration: mode });
      const body = { email: 'mallory@example.com', password: 'a pass word of mine', org_name: 'm' };
      expect((await app.api('POST', 'auth/register', { body })).status).toBe(403);
    },
  );

  it('is deleted where anybody may sign up, and the server is as new', async () => {
    app = await start('open');
    expect((await remove(await app.signUp())).status).toBe(204);
    expect(await server()).toMatchObject({ first_start: true, registration: 'open' });
    expect(await app.dataSource.getRepository(UserEntity).count()).toBe(0);
    await app.signUp();
  });

  it('is one of the last two that are deleted at one moment', async () => {
    for (let round = 0; round < 3; round++) {
      app = await start('invite');
      const owner = await app.signUp();
      const body = { role: 'owner' };
      const created = await app.api('POST', `orgs/${owner.org}/invites`, { token: owner.token, body });
      const { code: invite } = (await created.json()) as { code: string };
      const newcomer = { email: 'grace@example.com', password: 'a pass word of mine', invite };
      const registered = await app.api('POST', 'auth/register', { body: newcomer });
      const { token } = (await registered.json()) as { token: string };
      const answers = await Promise.all([remove(owner), remove({ ...owner, ...newcomer, token })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
      if (round < 2) await app.close();
    }
  });
});
