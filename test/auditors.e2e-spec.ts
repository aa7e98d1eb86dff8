import { AddAuditors1764000000028 } from '../migrations/1764000000028-add-auditors';
import { MembershipEntity } from '../src/orgs/membership.entity';
import { Person, useApp } from './support/app';
import { join, messageOf, newMember, rolesOf } from './support/people';
import { contentWritten, keepContent, TestTrace, tracesOf } from './support/traces';

const REASON = 'Incident 4711: which files went out?';
const SAID = 'the plan of the canary';
const ANSWER = '{"type":"message","role":"assistant","content":[{"type":"text","text":"the answer"}]}';
const REQUEST = JSON.stringify({ model: 'claude-opus-4-8', messages: [{ role: 'user', content: SAID }] });

/** What there is to read of a trace. */
const PARTS = ['calls/CALL', 'calls/CALL/request', 'calls/CALL/response']
  .map((path) => `${path}?`)
  .concat(['jsonl', 'raw', 'otlp'].map((format) => `export?format=${format}&`));

interface Event {
  readonly action: string;
  readonly actor_email: string | null;
  readonly subject_email: string | null;
  readonly address: string | null;
  readonly details: Record<string, string>;
}

describe('an auditor of an organization', () => {
  const app = useApp();
  let owner: Person;
  let admin: Person;
  let auditor: Person;
  let member: Person;
  /** The owner and the auditor of another organization. */
  let other: Person;
  let foreign: Person;
  let trace: TestTrace;

  beforeAll(async () => {
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
      });
    });
    owner = await app.signUp();
    admin = await newMember(app, owner.org, 'admin');
    auditor = await newMember(app, owner.org, 'auditor');
    other = await app.signUp();
    foreign = await newMember(app, other.org, 'auditor');
    member = await newMember(app, owner.org, 'developer');
    trace = await said(member);
  });

  /** Makes a call whose content is kept. @returns the trace that it begins. */
  async function said(person: Person, session = 's', count = 1): Promise<TestTrace> {
    await keepContent(app, person);
    const headers = { 'x-api-key': person.token, 'x-session-id': session };
    await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body: REQUEST })).text();
    await contentWritten(app);
    return (await tracesOf(app, person, count))[0]!;
  }
  const partOf = ({ id, calls }: TestTrace, part: string) =>
    `traces/${id}/${part.replace('CALL', calls[0]!)}`;
  /** Asks for a part of a trace as one of an organization. */
  const look = (
    { token }: Person,
    { part = PARTS[1]!, of = trace, org = owner.org, reason = REASON } = {},
  ): Promise<Response> =>
    app.api('GET', `orgs/${org}/${partOf(of, part)}reason=${encodeURIComponent(reason)}`, { token });
  async function refusal(response: Response): Promise<unknown[]> {
    const { errors } = (await response.json()) as { errors: { field?: string; code: string }[] };
    return [response.status, ...errors.map(({ field, code }) => (field ? `${field}: ${code}` : code))];
  }
  const eventsOf = async (path: string, { token }: Person): Promise<Event[]> =>
    (await (await app.api('GET', `${path}/audit-events`, { token })).json()) as Event[];
  const looksAt = async (person: Person): Promise<Event[]> =>
    (await eventsOf('me', person)).filter(({ action }) => action === 'trace_content_read');

  it.each(PARTS)(
    'alone gets %s of an organization: no owner, no admin, not its person, no other one',
    async (part) => {
      const before = (await looksAt(member)).length;
      for (const person of [owner, admin, member])
        expect(await refusal(await look(person, { part }))).toEqual([403, 'insufficient_role']);
      for (const person of [other, foreign])
        expect(await refusal(await look(person, { part }))).toEqual([404, 'org_not_found']);
      expect(await refusal(await look(foreign, { part, org: other.org }))).toEqual([404, 'trace_not_found']);
      expect(await looksAt(member)).toHaveLength(before);
      expect((await look(auditor, { part })).status).toBe(200);
      expect(await looksAt(member)).toHaveLength(before + 1);
    },
  );

  it('reads what was said as it passed, what was new in it, and all of it', async () => {
    const [call, request, response, jsonl, raw] = await Promise.all(
      PARTS.slice(0, 5).map(async (part) => (await look(auditor, { part })).text()),
    );
    expect([request, response]).toEqual([REQUEST, ANSWER]);
    for (const text of [call, jsonl]) {
      expect(text).toContain(SAID);
      expect(text).toContain('the answer');
    }
    expect(raw).toContain(REQUEST);
  });

  it.each([
    ['nothing', '', 'too_short'],
    ['a short text', '   too short   ', 'too_short'],
    ['a long text', 'x'.repeat(501), 'too_long'],
    ['a control character', 'two lines\nof reasons', 'invalid_characters'],
    ['a mark of direction', 'turned \u202earound and hidden', 'invalid_characters'],
  ])('gets nothing for a reason that is %s', async (_, reason, code) => {
    const before = (await looksAt(member)).length;
    for (const part of PARTS)
      expect(await refusal(await look(auditor, { part, reason }))).toEqual([400, `reason: ${code}`]);
    expect(await looksAt(member)).toHaveLength(before);
  });

  it('hears which reason to give, where there is none', async () => {
    for (const part of PARTS) {
      const path = `orgs/${owner.org}/${partOf(trace, part).slice(0, -1)}`;
      const response = await app.api('GET', path, { token: auditor.token });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { errors: [{ field: 'reason', code: 'required', message: 'reason must have 10 to 500 characters' }] },
      ]);
    }
  });

  it('is seen by the person and on the organization’s trail with each look, without a word of what was said', async () => {
    const person = await newMember(app, owner.org, 'developer');
    const of = await said(person);
    for (const part of PARTS) await look(auditor, { of, part, reason: `  ${REASON} ` });
    const what = [{}, { part: 'request' }, { part: 'response' }].map((one) => ({
      ...one,
      call: of.calls[0],
    }));
    const formats = ['jsonl', 'raw', 'otlp'].map((format) => ({ format }));
    const details = [...what, ...formats].map((one) => ({ ...one, trace: of.id, reason: REASON })).reverse();
    const seen = await looksAt(person);
    expect(seen.map((event) => ({ ...event.details, via_session: undefined }))).toEqual(details);
    expect(seen[0]).toMatchObject({
      actor_email: auditor.email,
      subject_email: person.email,
      address: null,
    });
    const trail = (await eventsOf(`orgs/${owner.org}`, owner)).slice(0, PARTS.length);
    expect(trail.map(({ action, address }) => [action, address])).toEqual(
      PARTS.map(() => ['trace_content_read', '127.0.0.1']),
    );
    expect((await looksAt(auditor)).slice(0, PARTS.length)).toHaveLength(PARTS.length);
    for (const text of [JSON.stringify([seen, trail]), app.log]) {
      expect(text).not.toContain(SAID);
      expect(text).not.toContain('the answer');
    }
    expect(app.log).not.toContain('Incident 4711');
  });

  it('gets nothing while the trail can’t be written', async () => {
    const before = (await looksAt(member)).length;
    await app.dataSource.query(
      `ALTER TABLE "audit_events" ADD CONSTRAINT "no_looks" CHECK ("action" <> 'trace_content_read') NOT VALID`,
    );
    try {
      for (const part of PARTS) {
        const response = await look(auditor, { part });
        const text = await response.text();
        expect([part, response.status, text.includes(SAID), text.includes('the answer')]).toEqual([
          part,
          500,
          false,
          false,
        ]);
      }
    } finally {
      await app.dataSource.query(`ALTER TABLE "audit_events" DROP CONSTRAINT "no_looks"`);
    }
    expect(await looksAt(member)).toHaveLength(before);
    expect((await look(auditor)).status).toBe(200);
  });

  it('gets nothing of sessions of another organization or of none, whoever’s they are', async () => {
    const person = await newMember(app, owner.org, 'developer');
    await join(app, person, other.org, 'developer');
    await app.api('PATCH', 'auth/me', { token: person.token, body: { current_org: other.org } });
    const elsewhere = await said(person);
    const loner = await app.signUp();
    await app.dataSource.getRepository(MembershipEntity).delete({ userId: loner.userId });
    const nowhere = await said(loner);
    for (const one of [elsewhere, nowhere, await said(other)])
      for (const part of PARTS)
        expect(await refusal(await look(auditor, { of: one, part }))).toEqual([404, 'trace_not_found']);
    expect(await refusal(await look(auditor, { of: { ...trace, calls: nowhere.calls } }))).toEqual([
      404,
      'call_not_found',
    ]);
    expect([...(await looksAt(person)), ...(await looksAt(loner))]).toEqual([]);
  });

  it('reads what those who have left, or were deactivated, left in it; they see that as well', async () => {
    const leaver = await newMember(app, owner.org, 'developer');
    const gone = await newMember(app, owner.org, 'developer');
    const [ofLeaver, ofGone] = [await said(leaver), await said(gone)];
    await app.api('DELETE', `orgs/${owner.org}/members/me`, { token: leaver.token });
    const path = `orgs/${owner.org}/members/${gone.userId}`;
    await app.api('POST', `${path}/deactivate`, { token: owner.token });
    expect((await look(auditor, { of: ofLeaver })).status).toBe(200);
    expect((await look(auditor, { of: ofGone })).status).toBe(200);
    expect(await looksAt(leaver)).toHaveLength(1);
    await app.api('POST', `${path}/reactivate`, { token: owner.token });
    const { email, password } = gone;
    const { token } = (await (await app.api('POST', 'auth/login', { body: { email, password } })).json()) as {
      token: string;
    };
    expect(await looksAt({ ...gone, token })).toHaveLength(1);
  });

  it('gets nothing of what its person has deleted', async () => {
    const person = await newMember(app, owner.org, 'developer');
    const of = await said(person);
    await app.api('DELETE', `me/traces/${of.id}`, { token: person.token });
    expect(await refusal(await look(auditor, { of }))).toEqual([404, 'content_deleted']);
    expect(await looksAt(person)).toEqual([]); // nothing was shown
  });

  it('sees the traces of all members, with whether there is something to read, and no title', async () => {
    const path = `orgs/${owner.org}/traces`;
    const get = async ({ token }: Person, at: string) => (await app.api('GET', at, { token })).json();
    const [lists, trees] = [
      await Promise.all([owner, admin, auditor].map((one) => get(one, path))),
      await Promise.all([owner, admin, auditor].map((one) => get(one, `${path}/${trace.id}`))),
    ];
    const [ofOwner, ofAdmin, ofAuditor] = lists as { traces: { id: string; title: string | null }[] }[];
    expect(ofAuditor).toEqual(ofOwner);
    expect(ofAdmin).toEqual(ofOwner);
    expect(ofAuditor!.traces.map(({ id }) => id)).toContain(trace.id);
    expect(new Set(ofAuditor!.traces.map(({ title }) => title))).toEqual(new Set([null]));
    expect(trees).toMatchObject([
      { title: null, has_content: false },
      { title: null, has_content: false },
      { title: null, has_content: true },
    ]);
    expect(await get(member, `me/traces/${trace.id}`)).toMatchObject({ title: SAID });
    const members = (await get(auditor, `orgs/${owner.org}/members`)) as { user_id: string }[];
    expect(members.map(({ user_id }) => user_id)).toContain(member.userId);
  });

  it('has agents and content of their own, as any member', async () => {
    const person = await newMember(app, owner.org, 'auditor');
    const own = await said(person);
    const path = `me/traces/${own.id}/calls/${own.calls[0]!}/request`;
    expect(await (await app.api('GET', path, { token: person.token })).text()).toBe(REQUEST);
    expect(await looksAt(person)).toEqual([]);
  });

  it('is chosen, changed, removed and deactivated by an owner alone', async () => {
    const person = await newMember(app, owner.org, 'auditor');
    const path = `orgs/${owner.org}/members/${person.userId}`;
    const invite = (by: Person) =>
      app.api('POST', `orgs/${owner.org}/invites`, { token: by.token, body: { role: 'auditor' } });
    const refused = [
      await app.api('DELETE', path, { token: admin.token }),
      await app.api('POST', `${path}/deactivate`, { token: admin.token }),
      await app.api('PATCH', path, { token: admin.token, body: { role: 'developer' } }),
    ];
    for (const response of refused)
      expect([response.status, await messageOf(response)]).toEqual([
        403,
        'Only an owner can do this to an auditor; your role is admin.',
      ]);
    const denied = await invite(admin);
    expect([denied.status, await messageOf(denied)]).toEqual([
      403,
      'Only an owner can invite an auditor; your role is admin.',
    ]);
    const { code } = (await (await invite(owner)).json()) as { code: string };
    const guest = await app.signUp();
    await app.api('POST', 'invites/accept', { token: guest.token, body: { invite: code } });
    expect((await rolesOf(app, guest))[owner.org]).toBe('auditor');
    expect((await look(guest)).status).toBe(200);
    for (const one of [person, guest])
      await app.api('DELETE', `orgs/${owner.org}/members/${one.userId}`, { token: owner.token });
    expect((await look(guest)).status).toBe(404);
  });

  it('reads nothing more from the request on after which they are something else', async () => {
    const person = await newMember(app, owner.org, 'auditor');
    expect((await look(person)).status).toBe(200);
    for (const role of ['developer', 'admin', 'owner'] as const) {
      const path = `orgs/${owner.org}/members/${person.userId}`;
      expect((await app.api('PATCH', path, { token: owner.token, body: { role } })).status).toBe(200);
      expect((await look(person)).status).toBe(403);
    }
  });

  it('is told of to each member, while they can sign in', async () => {
    const boss = await app.signUp();
    const person = await newMember(app, boss.org, 'developer');
    const count = async () => {
      const { orgs } = (await (await app.api('GET', 'auth/me', { token: person.token })).json()) as {
        orgs: { auditors: number }[];
      };
      return orgs.map(({ auditors }) => auditors);
    };
    expect(await count()).toEqual([0]);
    const { userId } = await newMember(app, boss.org, 'auditor');
    await newMember(app, boss.org, 'auditor');
    expect(await count()).toEqual([2]);
    await app.api('POST', `orgs/${boss.org}/members/${userId}/deactivate`, { token: boss.token });
    expect(await count()).toEqual([1]);
  });

  it('is a developer once the server is of an earlier version again', async () => {
    const boss = await app.signUp();
    const people = await Promise.all(
      (['owner', 'admin', 'auditor', 'developer'] as const).map((role) => newMember(app, boss.org, role)),
    );
    const roles = () => Promise.all(people.map(async (one) => (await rolesOf(app, one))[boss.org]));
    const body = { role: 'auditor' };
    const invited = await app.api('POST', `orgs/${boss.org}/invites`, { token: boss.token, body });
    expect(invited.status).toBe(201);
    const migration = new AddAuditors1764000000028();
    await app.dataSource.transaction(async ({ queryRunner }) => migration.down(queryRunner!));
    expect(await roles()).toEqual(['owner', 'admin', 'developer', 'developer']);
    const back = await app.api('GET', `orgs/${boss.org}/invites`, { token: boss.token });
    expect(await back.json()).toMatchObject([{ role: 'developer' }]);
    await app.dataSource.transaction(async ({ queryRunner }) => migration.up(queryRunner!));
    await expect(newMember(app, boss.org, 'auditor')).resolves.toMatchObject({ org: boss.org });
  });
});
