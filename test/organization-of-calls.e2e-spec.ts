import { Person, useApp } from './support/app';
import { join } from './support/people';

/** Two organizations with a shared key each tell by the key to which one a call belonged. */
describe('the organization that a call belongs to', () => {
  const app = useApp();
  let [first, second]: Person[] = [];
  let ada: Person;
  const KEYS = { first: 'sk-ant-of-the-first-one', second: 'sk-ant-of-the-second-one' };

  const orgs = (): [Person, Person] => [first as Person, second as Person];
  const create = async (body: object): Promise<{ token: string; id: string; org: string | null }> => {
    const response = await app.api('POST', 'me/proxy-tokens', {
      token: ada.token,
      body: { name: 'laptop', ...body },
    });
    expect(response.status).toBe(201);
    return (await response.json()) as { token: string; id: string; org: string | null };
  };
  const call = async (token: string): Promise<number | string> => {
    const response = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
    return response.status === 200 ? String(app.upstream.last.headers['x-api-key']) : response.status;
  };
  const profile = async (): Promise<{ current_org: string | null }> =>
    (await (await app.api('GET', 'auth/me', { token: ada.token })).json()) as { current_org: string | null };
  const leave = (org: string, { token } = ada) => app.api('DELETE', `orgs/${org}/members/me`, { token });
  const removal = (by: Person) =>
    app.api('DELETE', `orgs/${by.org}/members/${ada.userId}`, { token: by.token });

  beforeEach(async () => {
    const owners = [await app.signUp(null), await app.signUp(null)].sort((a, b) => (a.org < b.org ? -1 : 1));
    [first, second] = owners;
    ada = await app.signUp(null);
    await leave(ada.org);
    for (const [index, owner] of owners.entries()) {
      const body = { key: Object.values(KEYS)[index] };
      await app.api('PUT', `orgs/${owner.org}/keys/anthropic`, { token: owner.token, body });
    }
  });

  async function joinBoth(): Promise<void> {
    for (const { org } of orgs()) await join(app, ada, org, 'developer');
    app.invalidateAuthCache(); // the rows were inserted past the server
  }

  it('is none for somebody without one, whose token works by their own key', async () => {
    const { token, org } = await create({});
    expect(org).toBeNull();
    expect(await call(token)).toBe(401);
    await app.storeKey(ada.token, 'sk-ant-own');
    expect(await call(token)).toBe('sk-ant-own');
    expect(await profile()).toMatchObject({ current_org: null });
  });

  it('is the first one by name until another one is chosen, for sessions', async () => {
    await joinBoth();
    expect(await profile()).toMatchObject({ current_org: first?.org });
    expect(await call(ada.token)).toBe(KEYS.first);
    const chosen = await app.api('PATCH', 'auth/me', {
      token: ada.token,
      body: { current_org: second?.org },
    });
    expect(await chosen.json()).toMatchObject({ current_org: second?.org, name: null });
    expect(await call(ada.token)).toBe(KEYS.second);
    await leave(second?.org ?? '');
    expect(await call(ada.token)).toBe(KEYS.first);
    expect(await profile()).toMatchObject({ current_org: first?.org });
  });

  it('is the token’s own, whatever its owner has chosen since', async () => {
    await joinBoth();
    const [byDefault, named] = [await create({}), await create({ org: second?.org })];
    expect([byDefault.org, named.org]).toEqual([first?.org, second?.org]);
    await app.api('PATCH', 'auth/me', { token: ada.token, body: { current_org: second?.org } });
    expect([await call(byDefault.token), await call(named.token)]).toEqual([KEYS.first, KEYS.second]);
    const listed = await app.api('GET', 'me/proxy-tokens', { token: ada.token });
    expect(((await listed.json()) as { org: string }[]).map(({ org }) => org).sort()).toEqual(
      [first?.org, second?.org].sort(),
    );
  });

  it('takes its tokens along when somebody leaves it, and no others', async () => {
    await joinBoth();
    const tokens = [await create({ org: first?.org }), await create({ org: second?.org })];
    expect(await Promise.all(tokens.map(({ token }) => call(token)))).not.toContain(401);
    expect((await leave(second?.org ?? '')).status).toBe(204);
    expect(await Promise.all(tokens.map(async ({ token }) => call(token)))).toEqual([KEYS.first, 401]);
    const listed = (await (await app.api('GET', 'me/proxy-tokens', { token: ada.token })).json()) as object[];
    expect(listed).toHaveLength(1);
  });

  it('takes its tokens along when somebody is removed from it', async () => {
    await joinBoth();
    const { token } = await create({ org: second?.org });
    expect(await call(token)).toBe(KEYS.second);
    expect((await removal(second as Person)).status).toBe(204);
    expect(await call(token)).toBe(401);
    expect(await call(ada.token)).toBe(KEYS.first);
  });

  it.each([
    ['POST', 'me/proxy-tokens', { name: 'x', org: 'no-such' }, 404, 'org_not_found'],
    ['POST', 'me/proxy-tokens', { name: 'x', org: 5 }, 400, 'invalid_type'],
    ['PATCH', 'auth/me', { current_org: 'no-such' }, 404, 'org_not_found'],
    ['PATCH', 'auth/me', { current_org: null }, 400, 'required'],
    ['PATCH', 'auth/me', {}, 400, 'required'],
  ])('%s %s refuses %o with %i', async (method, path, body, status, code) => {
    const response = await app.api(method, path, { token: ada.token, body });
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ errors: [expect.objectContaining({ code })] }),
    ]);
  });

  it('can’t be one that only others are in, for a token', async () => {
    await join(app, ada, first?.org ?? '', 'developer');
    const body = { name: 'x', org: second?.org };
    expect((await app.api('POST', 'me/proxy-tokens', { token: ada.token, body })).status).toBe(404);
  });
});
