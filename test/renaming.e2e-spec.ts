import { Person, useApp } from './support/app';
import { messageOf, newMember } from './support/people';

describe('names', () => {
  const app = useApp();
  let owner: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    owner = await app.signUp(null);
  });

  interface Profile {
    name: string | null;
    orgs: { name: string; display_name: string | null }[];
  }
  const me = async ({ token }: Person) =>
    (await (await app.api('GET', 'auth/me', { token })).json()) as Profile;
  const renameMe = ({ token }: Person, body: object) => app.api('PATCH', 'auth/me', { token, body });
  const renameOrg = ({ token }: Person, body: object, org = owner.org) =>
    app.api('PATCH', `orgs/${org}`, { token, body });
  const lastEvent = async ({ token }: Person): Promise<unknown> =>
    ((await (await app.api('GET', 'me/audit-events?limit=1', { token })).json()) as unknown[])[0];

  it('of people are theirs to change and to take away', async () => {
    const renamed = await renameMe(owner, { name: '  Ada Lovelace ' });
    expect([renamed.status, await renamed.json()]).toEqual([200, await me(owner)]);
    expect((await me(owner)).name).toBe('Ada Lovelace');
    expect(await lastEvent(owner)).toMatchObject({
      action: 'name_changed',
      details: { name: 'Ada Lovelace' },
    });
    const members = await app.api('GET', `orgs/${owner.org}/members`, { token: owner.token });
    expect(await members.json()).toMatchObject([{ name: 'Ada Lovelace' }]);
    expect((await renameMe(owner, { name: null })).status).toBe(200);
    expect((await me(owner)).name).toBeNull();
    expect(await lastEvent(owner)).toMatchObject({ action: 'name_changed', details: {} });
  });

  it.each<[string, object, string]>([
    ['nothing', {}, 'Give name, current_org or both.'],
    ['an empty one', { name: '  ' }, 'name must have 1 to 100 characters'],
    ['a long one', { name: 'x'.repeat(101) }, 'name must have 1 to 100 characters'],
    ['a number', { name: 7 }, 'name must have 1 to 100 characters'],
    ['a mark of direction', { name: 'a\u202eb' }, 'name must not hold characters that nobody sees'],
    ['a blank letter', { name: '\u3164' }, 'name must hold a character that can be seen'],
    ['another field', { name: 'a', email: 'b@example.com' }, 'property email should not exist'],
  ])('of people are not %s', async (_, body, message) => {
    const response = await renameMe(owner, body);
    expect([response.status, await messageOf(response)]).toEqual([400, expect.stringContaining(message)]);
  });

  it('of organizations are their owners’ and admins’ to change; the one in URLs stays', async () => {
    const [admin, developer] = [
      await newMember(app, owner.org, 'admin'),
      await newMember(app, owner.org, 'developer'),
    ];
    const renamed = await renameOrg(admin, { display_name: ' Acme Inc. ' });
    const answer = (await renamed.json()) as object;
    expect([renamed.status, answer]).toEqual([
      200,
      {
        id: expect.any(String),
        name: owner.org,
        display_name: 'Acme Inc.',
        personal_keys: 'allowed',
        capture: 'members_choose',
      },
    ]);
    expect((await me(developer)).orgs).toMatchObject([{ name: owner.org, display_name: 'Acme Inc.' }]);
    expect(await lastEvent(admin)).toMatchObject({
      action: 'org_renamed',
      details: { name: 'Acme Inc.', org_name: owner.org },
    });
    expect((await renameOrg(developer, { display_name: 'Mine' })).status).toBe(403);
    expect((await renameOrg(await app.signUp(null), { display_name: 'Mine' })).status).toBe(404);
    expect((await renameOrg(owner, { display_name: null })).status).toBe(200);
    expect((await me(owner)).orgs).toMatchObject([{ name: owner.org, display_name: null }]);
    expect((await renameOrg(owner, { display_name: owner.org })).status).toBe(200);
    expect((await me(owner)).orgs).toMatchObject([{ display_name: null }]); // the same is not said twice
  });

  it.each<[string, object, string]>([
    ['nothing', {}, 'Give display_name, personal_keys or capture.'],
    ['a long one', { display_name: 'x'.repeat(61) }, 'display_name must have 1 to 60 characters'],
    ['a zero-width space', { display_name: 'a\u200bb' }, 'display_name must not hold characters'],
  ])('of organizations are not %s', async (_, body, message) => {
    const response = await renameOrg(owner, body);
    expect([response.status, await messageOf(response)]).toEqual([400, expect.stringContaining(message)]);
  });

  it('of an organization are told to who joins it', async () => {
    await renameOrg(owner, { display_name: 'Acme Inc.' });
    const guest = await app.signUp(null);
    const invite = async (): Promise<string> => {
      const body = { role: 'developer' };
      const created = await app.api('POST', `orgs/${owner.org}/invites`, { token: owner.token, body });
      return ((await created.json()) as { code: string }).code;
    };
    const accept = async () =>
      app.api('POST', 'invites/accept', { token: guest.token, body: { invite: await invite() } });
    expect(await (await accept()).json()).toMatchObject({
      org_name: owner.org,
      org_display_name: 'Acme Inc.',
    });
    expect(await messageOf(await accept())).toBe('You are in the organization "Acme Inc." already.');
  });
});
