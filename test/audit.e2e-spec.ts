import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { Person, TestApp, useApp } from './support/app';
import { newMember } from './support/people';

interface Event {
  id: string;
  at: string;
  action: string;
  actor: string;
  actor_email: string | null;
  subject_email: string | null;
  address: string | null;
  client: string | null;
  details: Record<string, unknown>;
}

describe('the audit trail', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    person = await app.signUp(null);
  });

  const eventsOf = async ({ token }: { token: string }, query = ''): Promise<Event[]> =>
    (await (await app.api('GET', `me/audit-events${query}`, { token })).json()) as Event[];
  const actionsOf = async (who: { token: string }): Promise<string[]> =>
    (await eventsOf(who)).map(({ action }) => action);
  const rows = () => app.dataSource.getRepository(AuditEventEntity);

  it('tells a person who did what, when and from where', async () => {
    const before = Date.now();
    const headers = { 'user-agent': 'laptop/1.0' };
    const { token } = person;
    await app.api('PUT', 'me/anthropic-key', { token, headers, body: { key: 'sk-ant-one' } });
    const [event] = await eventsOf(person);
    expect(event).toEqual({
      id: expect.any(String),
      at: expect.stringMatching(/Z$/),
      action: 'provider_key_stored',
      actor: 'person',
      actor_email: person.email,
      subject_email: person.email,
      address: '127.0.0.1',
      client: 'laptop/1.0',
      details: { fingerprint: 'sk-ant-…', provider: 'anthropic', via_session: expect.any(String) },
    });
    expect(Date.parse(event!.at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(event!.at)).toBeLessThanOrEqual(Date.now());
  });

  it('has the life of a key, of sessions, of an org API key and of a device login', async () => {
    const { token, email, password, org } = person;
    for (const key of ['sk-ant-one', 'sk-ant-two'])
      await app.api('PUT', 'me/anthropic-key', { token, body: { key } });
    await app.api('DELETE', 'me/anthropic-key', { token });
    await app.api('DELETE', 'me/anthropic-key', { token }); // there is none: nothing happens, nothing is told
    const created = await app.api('POST', `orgs/${org}/api-keys`, { token, body: { name: 'build server' } });
    const { id, prefix } = (await created.json()) as { id: string; prefix: string };
    await app.api('DELETE', `orgs/${org}/api-keys/${id}`, { token });
    const login = await app.api('POST', 'auth/login', { body: { email, password } });
    const second = ((await login.json()) as { token: string }).token;
    await app.api('POST', 'auth/logout', { token: second });
    const authorized = await app.api('POST', 'auth/device/authorize', { body: {} });
    const codes = (await authorized.json()) as { user_code: string; device_code: string };
    await app.api('POST', 'auth/device/approve', { token, body: { user_code: codes.user_code } });
    await app.api('POST', 'auth/device/token', { body: { device_code: codes.device_code } });
    const denied = (await (
      await app.api('POST', 'auth/device/authorize', { body: {} })
    ).json()) as typeof codes;
    await app.api('POST', 'auth/device/approve', {
      token,
      body: { user_code: denied.user_code, action: 'deny' },
    });
    const sessions = (await (await app.api('GET', 'auth/sessions', { token })).json()) as {
      id: string;
      kind: string;
    }[];
    const device = sessions.find(({ kind }) => kind === 'device')!;
    await app.api('DELETE', `auth/sessions/${device.id}`, { token });

    const told = (await eventsOf(person)).reverse().map(({ action, details }) => {
      const { via_session, ...rest } = details;
      expect([action, typeof via_session]).toEqual([
        action,
        ['registered', 'signed_in'].includes(action) ? 'undefined' : 'string',
      ]);
      return [action, rest] as const;
    });
    const session_id = expect.any(String);
    const approved = told.find(([action]) => action === 'device_login_approved')![1].device_login_id;
    expect(approved).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(told).toEqual([
      ['registered', { session_id }],
      ['provider_key_stored', { provider: 'anthropic', fingerprint: 'sk-ant-…' }],
      ['provider_key_replaced', { provider: 'anthropic', fingerprint: 'sk-ant-…' }],
      ['provider_key_removed', { provider: 'anthropic' }],
      ['org_api_key_created', { api_key_id: id, name: 'build server', prefix }],
      ['org_api_key_revoked', { api_key_id: id }],
      ['signed_in', { by: 'password', session_id }],
      ['session_revoked', { session_id, by: 'sign_out' }],
      ['device_login_approved', { device_login_id: approved }],
      ['signed_in', { by: 'device', session_id: device.id, device_login_id: approved }],
      ['device_login_denied', { device_login_id: expect.not.stringMatching(String(approved)) }],
      ['session_revoked', { session_id: device.id }],
    ]);
  });

  it('tells the owner of an account of a failed sign-in, and keeps nothing that was typed', async () => {
    const wrong = { email: person.email.toUpperCase(), password: 'not my password' };
    await app.api('POST', 'auth/login', { body: wrong, headers: { 'user-agent': 'elsewhere' } });
    await app.api('POST', 'auth/login', {
      body: { email: 'my-password@typed.here', password: 'oh no oh no' },
    });
    expect((await eventsOf(person))[0]).toMatchObject({
      action: 'sign_in_failed',
      actor: 'anonymous',
      actor_email: null,
      subject_email: person.email,
      client: 'elsewhere',
      details: { reason: 'wrong_password' },
    });
    const unknown = await rows().findOneByOrFail({ action: 'sign_in_failed', client: 'node' });
    expect(unknown).toMatchObject({ actorId: null, subjectId: null });
    const everything = JSON.stringify(await rows().find()) + app.log;
    for (const typed of ['not my password', 'my-password@typed.here', 'oh no oh no'])
      expect(everything).not.toContain(typed);
  });

  it('shows nobody what others did', async () => {
    const other = await app.signUp();
    expect(await actionsOf(other)).toEqual(['provider_key_stored', 'registered']);
    expect(await actionsOf(person)).toEqual(['registered']);
    const [foreign] = await eventsOf(other);
    const refused = await app.api('GET', `me/audit-events?before=${foreign!.id}`, { token: person.token });
    expect(refused.status).toBe(400);
    expect((await app.api('GET', 'me/audit-events')).status).toBe(401);
  });

  it('of an organization tells its owners and admins who did what to whom, and from where', async () => {
    const { token, org } = person;
    const developer = await newMember(app, org, 'developer');
    const admin = await newMember(app, org, 'admin');
    await app.api('PATCH', `orgs/${org}/members/${developer.userId}`, { token, body: { role: 'admin' } });
    await app.api('PATCH', `orgs/${org}/members/${developer.userId}`, { token, body: { role: 'developer' } });
    await app.storeKey(developer.token, 'sk-ant-own'); // of their own: it is nobody else's business
    const path = `orgs/${org}/audit-events`;
    const read = async (query = ''): Promise<Event[]> =>
      (await (await app.api('GET', `${path}${query}`, { token: admin.token })).json()) as Event[];
    const [last, before, ...rest] = await read();
    expect(last).toMatchObject({
      action: 'role_changed',
      actor_email: person.email,
      subject_email: developer.email,
      address: '127.0.0.1',
      client: expect.any(String),
      details: { role: 'developer', from: 'admin' },
    });
    expect(rest.map(({ action }) => action)).not.toContain('provider_key_stored');
    expect(await read('?limit=1')).toEqual([last]);
    expect((await read(`?limit=1&before=${last!.id}`))[0]).toEqual(before);
    const [foreign] = await eventsOf(await app.signUp());
    const refused = await app.api('GET', `${path}?before=${foreign!.id}`, { token });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { errors: [{ field: 'before', code: 'unknown_event' }] },
    ]);
    for (const file of ['', '.csv'])
      expect((await app.api('GET', path + file, { token: developer.token })).status).toBe(403);
  });

  it('of an organization is a file, too, as long as it is', async () => {
    const { token, org, userId } = person;
    await app.dataSource.query(
      `INSERT INTO audit_events (at, action, actor_kind, actor_id, subject_id, org_id, client)
       SELECT date_trunc('milliseconds', now()) - (n / 3) * interval '1 minute', 'invite_created', 'person', $1, $1, id, '=1+1'
         FROM orgs, generate_series(1, 1100) AS n WHERE name = $2`,
      [userId, org],
    );
    const response = await app.api('GET', `orgs/${org}/audit-events.csv`, { token });
    expect(response.headers.get('content-disposition')).toContain(`tracevault-${org}-audit.csv`);
    const [head, ...lines] = (await response.text()).trimEnd().split('\r\n');
    expect(head).toBe('id,at,action,actor,actor_email,subject_email,address,client,details');
    const ids = lines.map((line) => line.split(',')[0]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(lines.filter((line) => line.includes(",'=1+1,"))).toHaveLength(1100);
  });

  it('comes in pages, and refuses what is no page', async () => {
    const { token } = person;
    for (let count = 0; count < 5; count++)
      await app.api('PUT', 'me/anthropic-key', { token, body: { key: `sk-ant-${count}` } });
    const all = await eventsOf(person);
    expect(all).toHaveLength(6);
    const paged: Event[] = [];
    for (let page = await eventsOf(person, '?limit=2'); page.length > 0;) {
      paged.push(...page);
      page = await eventsOf(person, `?limit=2&before=${page.at(-1)!.id}`);
    }
    expect(paged).toEqual(all);
    for (const query of ['?limit=0', '?limit=201', '?limit=x', '?before=yesterday', '?user=1'])
      expect([query, (await app.api('GET', `me/audit-events${query}`, { token })).status]).toEqual([
        query,
        400,
      ]);
  });

  it('is a line of the log as well, by ids alone, whatever LOG_LEVEL is', async () => {
    const quiet = await TestApp.start({ env: { LOG_LEVEL: 'fatal' } });
    const { token, org, email, userId } = await quiet.signUp(null);
    await quiet.api('POST', `orgs/${org}/invites`, { token, body: { role: 'admin', email: 'a@b.example' } });
    await quiet.close();
    const lines = quiet.log.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        msg: 'audit',
        audit: expect.objectContaining({ action: 'registered', actor: 'person', subject_id: userId }),
        address: '127.0.0.1',
        user_id: userId,
      }),
      expect.objectContaining({ audit: expect.objectContaining({ action: 'invite_created' }) }),
    ]);
    for (const name of [email, 'a@b.example', org]) expect(quiet.log).not.toContain(name);
  });

  it('has an address only where there is one, and not another person’s', async () => {
    const proxied = await TestApp.start({ env: { TRUST_PROXY: 'loopback' } });
    const { token, email, password } = await proxied.signUp(null);
    for (const address of ['192.0.2.7', 'not an address <b>'])
      await proxied.api('POST', 'auth/login', {
        body: { email, password },
        headers: { 'x-forwarded-for': address },
      });
    const events = (await (await proxied.api('GET', 'me/audit-events?limit=2', { token })).json()) as Event[];
    expect(events.map(({ address }) => address)).toEqual([null, '192.0.2.7']);
    await proxied.close();
  });

  it.each([
    ['changed', `UPDATE audit_events SET action = 'nothing'`],
    ['removed', 'DELETE FROM audit_events'],
    ['emptied', 'TRUNCATE audit_events'],
  ])('can’t be %s', async (_, statement) => {
    const before = await rows().count();
    await expect(app.dataSource.query(statement)).rejects.toThrow('audit_events is append-only');
    expect(await rows().count()).toBe(before);
  });

  it('is append-only', async () => {
    await expect(app.dataSource.query('DELETE FROM audit_events')).rejects.toThrow('append-only');
  });

  it('tells of invites, roles, members and passwords', async () => {
    const { token, org, password } = person;
    const invited = await app.api('POST', `orgs/${org}/invites`, { token, body: { role: 'developer' } });
    const { id } = (await invited.json()) as { id: string };
    await app.api('DELETE', `orgs/${org}/invites/${id}`, { token });
    await app.api('PUT', 'auth/password', {
      token,
      body: { current_password: password, new_password: 'a new one of mine' },
    });
    const told = (await eventsOf(person, '?limit=3')).map(({ action, details }) => [action, details]);
    const via_session = expect.any(String);
    expect(told).toEqual([
      ['password_changed', { via_session }],
      ['invite_withdrawn', { invite_id: id, via_session }],
      ['invite_created', { invite_id: id, role: 'developer', via_session }],
    ]);
  });
});
