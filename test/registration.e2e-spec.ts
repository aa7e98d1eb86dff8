import { InviteEntity } from '../src/orgs/invite.entity';
import { MembershipEntity, Role } from '../src/orgs/membership.entity';
import { freshDatabase } from './support/database';
import { Person, TestApp } from './support/app';
import { itOnPostgres } from './support/which-database';

interface Invite {
  id: string;
  code: string;
  role: Role;
  email: string | null;
  expires_at: string;
}

let app: TestApp;
let count = 0;

const body = (place: object) => ({
  email: `new${++count}@example.com`,
  password: 'a pass word of mine',
  ...place,
});
const register = (place: object) => app.api('POST', 'auth/register', { body: body(place) });
const messageOf = async (response: Response): Promise<string> =>
  String(((await response.json()) as { message: unknown }).message);

async function start(mode: string): Promise<Person> {
  app = await TestApp.start({ env: { TRACEVAULT_REGISTRATION: mode } });
  return app.signUp();
}

async function invite({ token, org }: Person, wanted: object = { role: 'developer' }): Promise<Invite> {
  const response = await app.api('POST', `orgs/${org}/invites`, { token, body: wanted });
  expect(response.status).toBe(201);
  return (await response.json()) as Invite;
}

afterEach(() => app.close());

describe('a server that takes people by invite', () => {
  let owner: Person;
  beforeEach(async () => {
    owner = await start('invite');
  });

  it('is so by default when others can reach it', async () => {
    const env = { ...(await freshDatabase()), HOST: '0.0.0.0', TRACEVAULT_REGISTRATION: '' };
    const open = await TestApp.start({ env });
    try {
      const about = await open.api('GET', 'server');
      expect(await about.json()).toMatchObject({ registration: 'invite', first_start: true });
    } finally {
      await open.close();
    }
  });

  it('takes the first person, and nobody after them without an invite', async () => {
    const response = await register({ org_name: 'mine' });
    expect(response.status).toBe(403);
    expect(await messageOf(response)).toContain('takes new people by invite. Ask an owner or admin');
  });

  it('knows people by emails of a network of their own, in one form', async () => {
    const { code } = await invite(owner, { role: 'developer', email: 'Ann@INTRANET' });
    const person = { email: ' ann@Intranet', password: 'a pass word of mine' };
    const answer = await app.api('POST', 'auth/register', { body: { ...person, invite: code } });
    expect(answer.status).toBe(201);
    const login = await app.api('POST', 'auth/login', { body: { ...person, email: 'ANN@intranet' } });
    expect(await login.json()).toMatchObject({ email: 'ann@intranet' });
    const { code: another } = await invite(owner);
    const taken = { ...person, email: 'ann@intranet', invite: another };
    expect((await app.api('POST', 'auth/register', { body: taken })).status).toBe(409);
  });

  it('takes whoever has an invite into its org, with its role, once', async () => {
    const { code, expires_at } = await invite(owner, { role: 'admin' });
    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(6.99 * 86_400_000);
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(7 * 86_400_000);
    const response = await register({ invite: ` ${code} ` });
    expect(response.status).toBe(201);
    const joined = (await response.json()) as Record<string, string>;
    expect(joined.org_name).toBe(owner.org);
    const me = await (await app.api('GET', 'auth/me', { token: joined.token! })).json();
    expect(me).toMatchObject({ orgs: [{ name: owner.org, role: 'admin' }] });
    const again = await register({ invite: code });
    expect([again.status, await messageOf(again)]).toEqual([
      403,
      expect.stringContaining('unknown, used or withdrawn'),
    ]);
  });

  itOnPostgres('lets one person in of two who use an invite at one moment', async () => {
    const { code } = await invite(owner);
    const answers = await Promise.all([register({ invite: code }), register({ invite: code })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
  });

  it('keeps an invite that was given with a taken email, or by the wrong person', async () => {
    const { code, email } = await invite(owner, { role: 'developer', email: 'Grace@Example.com' });
    expect(email).toBe('grace@example.com');
    const wrong = await register({ invite: code });
    expect([wrong.status, await messageOf(wrong)]).toEqual([
      403,
      expect.stringContaining('another email address'),
    ]);
    const { code: anyones } = await invite(owner);
    const taken = { ...body({ invite: anyones }), email: owner.email };
    expect((await app.api('POST', 'auth/register', { body: taken })).status).toBe(409);
    expect((await register({ invite: anyones })).status).toBe(201);
    const right = { ...body({ invite: code }), email: 'GRACE@example.com' };
    expect((await app.api('POST', 'auth/register', { body: right })).status).toBe(201);
  });

  it('refuses one that is withdrawn, expired or made up', async () => {
    const { code, id } = await invite(owner);
    const { token } = owner;
    const path = `orgs/${owner.org}/invites`;
    expect((await app.api('DELETE', `${path}/${id}`, { token })).status).toBe(204);
    expect((await app.api('DELETE', `${path}/${id}`, { token })).status).toBe(404);
    const late = await invite(owner);
    await app.dataSource.getRepository(InviteEntity).update({ id: late.id }, { expiresAt: new Date() });
    expect(await (await app.api('GET', path, { token })).json()).toEqual([]);
    for (const bad of [code, late.code, 'tvi_', `tvi_${'0'.repeat(64)}`, '\u0000'])
      expect([bad, (await register({ invite: bad })).status]).toEqual([bad, 403]);
  });

  it('shows a code once, and keeps its hash', async () => {
    const { code, ...rest } = await invite(owner, { role: 'developer', email: 'grace@example.com' });
    expect(code).toMatch(/^tvi_[0-9a-f]{64}$/);
    const listed = await (await app.api('GET', `orgs/${owner.org}/invites`, { token: owner.token })).json();
    expect(listed).toEqual([rest]);
    const stored = JSON.stringify(await app.dataSource.getRepository(InviteEntity).find());
    expect(stored + app.log).not.toContain(code.slice(4));
  });

  it.each<[Role, Role, number]>([
    ['owner', 'owner', 201],
    ['owner', 'admin', 201],
    ['admin', 'admin', 201],
    ['admin', 'owner', 403],
    ['developer', 'developer', 403],
  ])('lets an %s invite an %s: %i', async (own, wanted, status) => {
    const { code } = await invite(owner, { role: own });
    const { token } = (await (await register({ invite: code })).json()) as { token: string };
    const response = await app.api('POST', `orgs/${owner.org}/invites`, { token, body: { role: wanted } });
    expect(response.status).toBe(status);
    expect((await app.api('GET', `orgs/${owner.org}/invites`, { token })).status).toBe(
      own === 'developer' ? 403 : 200,
    );
  });

  itOnPostgres('makes somebody a member once of two invites that they accept at one moment', async () => {
    const { code } = await invite(owner);
    const { token } = (await (await register({ invite: code })).json()) as { token: string };
    const memberships = app.dataSource.getRepository(MembershipEntity);
    const { userId } = await memberships.findOneByOrFail({ role: 'developer' });
    await memberships.delete({ userId });
    const codes = await Promise.all([1, 2, 3, 4].map(() => invite(owner)));
    const answers = await Promise.all(
      codes.map((one) => app.api('POST', 'invites/accept', { token, body: { invite: one.code } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it('has at most a hundred open invites an org', async () => {
    const { orgId } = await app.dataSource
      .getRepository(MembershipEntity)
      .findOneByOrFail({ userId: owner.userId });
    const expiresAt = new Date(Date.now() + 60_000);
    await app.dataSource.getRepository(InviteEntity).insert(
      Array.from({ length: 99 }, (_, index) => ({
        orgId,
        role: 'developer' as const,
        codeHash: String(index),
        createdBy: owner.userId,
        expiresAt,
      })),
    );
    await invite(owner);
    const { token, org } = owner;
    const response = await app.api('POST', `orgs/${org}/invites`, { token, body: { role: 'developer' } });
    expect([response.status, await messageOf(response)]).toEqual([
      409,
      expect.stringContaining('Withdraw some'),
    ]);
  });

  it('lets somebody with an account join another org by invite', async () => {
    const { code } = await invite(owner);
    const { token } = (await (await register({ invite: code })).json()) as { token: string };
    const second = await invite(owner, { role: 'admin' });
    const accept = (invite: string) => app.api('POST', 'invites/accept', { token, body: { invite } });
    const already = await accept(second.code);
    expect([already.status, await messageOf(already)]).toEqual([409, expect.stringContaining('already')]);
    expect((await register({ invite: second.code })).status).toBe(201); // it was not used up
    expect((await accept(second.code)).status).toBe(403);
  });

  it('tells no stranger whose email is taken', async () => {
    for (const invite of ['x', `tvi_${'0'.repeat(64)}`]) {
      const known = { ...body({ invite }), email: owner.email };
      const answers = [await app.api('POST', 'auth/register', { body: known }), await register({ invite })];
      expect(answers.map(({ status }) => status)).toEqual([403, 403]);
      expect(await messageOf(answers[0]!)).toBe(await messageOf(answers[1]!));
    }
  });

  it('takes nobody by the invite of somebody who could not make it any more', async () => {
    const admin = await invite(owner, { role: 'admin' });
    const joined = await register({ invite: admin.code });
    const { token, user_id } = (await joined.json()) as { token: string; user_id: string };
    const theirs = await invite({ ...owner, token }, { role: 'admin' });
    const memberships = app.dataSource.getRepository(MembershipEntity);
    await memberships.update({ userId: user_id }, { role: 'developer' });
    expect((await register({ invite: theirs.code })).status).toBe(403);
    await memberships.update({ userId: user_id }, { role: 'admin' });
    await app.dataSource.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [user_id]);
    expect((await register({ invite: theirs.code })).status).toBe(403);
    await app.dataSource.query('UPDATE users SET deactivated_at = NULL WHERE id = $1', [user_id]);
    expect((await register({ invite: theirs.code })).status).toBe(201);
  });

  it('refuses an invite for nobody in words, and not with an error of its own', async () => {
    const { token, org } = owner;
    const wanted = { role: 'developer', email: null };
    const response = await app.api('POST', `orgs/${org}/invites`, { token, body: wanted });
    expect([response.status, await messageOf(response)]).toEqual([400, expect.stringContaining('email')]);
  });

  it.each([
    [{}, 'org_name must be given, or the code of an invite'],
    [{ org_name: 'mine', invite: 'tvi_x' }, 'org_name must be left out with an invite'],
    [{ invite: null }, 'invite must be a string'],
    [{ org_name: null }, 'org_name must have'],
  ])('asks for one of the two: %j', async (place, message) => {
    const response = await register(place);
    expect([response.status, await messageOf(response)]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('a server that is new', () => {
  it.each(['invite', 'closed'])('takes one first person of many, also with registration %s', async (mode) => {
    app = await TestApp.start({ env: { TRACEVAULT_REGISTRATION: mode } });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) => register({ org_name: `org ${index}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403, 403]);
  });
});

describe('a server that is open', () => {
  it('takes anybody, and takes invites as well', async () => {
    const owner = await start('open');
    const other = await app.signUp();
    const { code } = await invite(owner, { role: 'developer', email: other.email });
    const joined = await app.api('POST', 'invites/accept', { token: other.token, body: { invite: code } });
    expect([joined.status, await joined.json()]).toEqual([
      200,
      {
        org_id: expect.any(String),
        org_name: owner.org,
        org_display_name: owner.org.replace('org-', 'org '),
        role: 'developer',
      },
    ]);
    const trail = await app.api('GET', 'me/audit-events?limit=1', { token: other.token });
    expect(await trail.json()).toMatchObject([{ action: 'invite_accepted', details: { role: 'developer' } }]);
  });
});

describe('a server that is closed', () => {
  it('takes nobody, and makes no invite that nobody could use', async () => {
    const owner = await start('closed');
    const response = await register({ org_name: 'mine' });
    expect([response.status, await messageOf(response)]).toEqual([
      403,
      expect.stringContaining('takes no new people'),
    ]);
    const { token, org } = owner;
    const created = await app.api('POST', `orgs/${org}/invites`, { token, body: { role: 'developer' } });
    expect([created.status, await messageOf(created)]).toEqual([
      403,
      expect.stringContaining('TRACEVAULT_REGISTRATION'),
    ]);
    expect((await register({ invite: `tvi_${'0'.repeat(64)}` })).status).toBe(403);
  });
});
