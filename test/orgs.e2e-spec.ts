import { ApiKeyEntity } from '../src/orgs/api-key.entity';
import { MembershipEntity, Role } from '../src/orgs/membership.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, TestApp } from './support/app';
import { newMember } from './support/people';

describe('API keys of an organization', () => {
  let app: TestApp;
  let owner: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    owner = await app.signUp();
  });
  afterAll(() => app.close());

  async function member(role: Role): Promise<Person> {
    const person = await app.signUp();
    const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: owner.org });
    await app.dataSource.getRepository(MembershipEntity).insert({ userId: person.userId, orgId: id, role });
    return person;
  }

  const path = (): string => `orgs/${owner.org}/api-keys`;
  const create = (token: string, name = 'build server') => app.api('POST', path(), { token, body: { name } });

  it('are shown once, at their creation, and stored as a hash', async () => {
    const response = await create(owner.token);
    expect(response.status).toBe(201);
    const created = (await response.json()) as { id: string; key: string; prefix: string };
    expect(created).toEqual({
      id: expect.any(String),
      name: 'build server',
      key: expect.stringMatching(/^tvk_[0-9a-f]{64}$/),
      prefix: created.key.slice(0, 12),
      created_by: owner.userId,
      created_at: expect.stringMatching(/Z$/),
      last_used_at: null,
    });
    const listed = (await (await app.api('GET', path(), { token: owner.token })).json()) as object[];
    expect(listed).toContainEqual({ ...created, key: undefined });
    const row = await app.dataSource.getRepository(ApiKeyEntity).findOneByOrFail({ id: created.id });
    expect(JSON.stringify(row)).not.toContain(created.key.slice(12));
  });

  it.each<[Role, number]>([
    ['owner', 201],
    ['admin', 201],
    ['developer', 403],
  ])('can be created, seen and ended by an %s: %i', async (role, status) => {
    const { token } = await member(role);
    expect((await create(token)).status).toBe(status);
    expect((await app.api('GET', path(), { token })).status).toBe(status === 201 ? 200 : 403);
    const { id } = (await (await create(owner.token)).json()) as { id: string };
    expect((await app.api('DELETE', `${path()}/${id}`, { token })).status).toBe(status === 201 ? 204 : 403);
  });

  it('of an org that one is not in look like those of one that does not exist', async () => {
    const { token } = await app.signUp();
    const [foreign, missing] = [
      await app.api('GET', path(), { token }),
      await app.api('GET', 'orgs/no-such/api-keys', { token }),
    ];
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    expect(await foreign.text()).toBe(await missing.text());
  });

  it('can’t be ended through another org', async () => {
    const stranger = await app.signUp();
    const { id } = (await (await create(owner.token)).json()) as { id: string };
    expect(
      (await app.api('DELETE', `orgs/${stranger.org}/api-keys/${id}`, { token: stranger.token })).status,
    ).toBe(404);
  });

  it.each(['', ' ', 'x'.repeat(101), 'a\u0000b', 7])('refuses the name %j', async (name) => {
    expect((await create(owner.token, name as string)).status).toBe(400);
  });

  it.each([
    ['GET', 'me/anthropic-key'],
    ['PUT', 'me/anthropic-key'],
    ['DELETE', 'me/anthropic-key'],
    ['GET', 'auth/me'],
    ['GET', 'auth/sessions'],
    ['POST', 'auth/logout'],
    ['GET', 'orgs/x/api-keys'],
  ])('get 403 and a reason on %s %s', async (method, endpoint) => {
    const { key } = (await (await create(owner.token)).json()) as { key: string };
    const response = await app.api(method, endpoint, {
      token: key,
      ...(method === 'PUT' && { body: { key: 'sk-ant-x' } }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      statusCode: 403,
      error: 'Forbidden',
      message: expect.stringContaining('per person'),
    });
  });

  it('once ended are as unknown as any other: 401', async () => {
    const { id, key } = (await (await create(owner.token)).json()) as { id: string; key: string };
    await app.api('DELETE', `${path()}/${id}`, { token: owner.token });
    expect((await app.api('GET', 'me/anthropic-key', { token: key })).status).toBe(401);
    expect((await app.api('DELETE', `${path()}/${id}`, { token: owner.token })).status).toBe(404);
  });

  it('note when they were last used', async () => {
    const { id, key } = (await (await create(owner.token)).json()) as { id: string; key: string };
    await app.api('GET', 'me/anthropic-key', { token: key });
    const { lastUsedAt } = await app.dataSource.getRepository(ApiKeyEntity).findOneByOrFail({ id });
    expect(Date.now() - lastUsedAt!.getTime()).toBeLessThan(60_000);
  });
});

describe('Every endpoint of an organization', () => {
  interface Endpoint {
    readonly method: string;
    readonly path: string;
  }
  let app: TestApp;
  let owner: Person;
  let endpoints: Endpoint[];

  beforeAll(async () => {
    app = await TestApp.start();
    owner = await app.signUp();
    const { paths } = (await (await fetch(`${app.url}/api/docs-json`)).json()) as {
      paths: Record<string, object>;
    };
    const PREFIX = '/api/v1/orgs/{org}';
    endpoints = Object.entries(paths)
      .filter(([path]) => path.startsWith(PREFIX))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({
          method: method.toUpperCase(),
          path: path.slice(PREFIX.length),
        })),
      );
  });
  afterAll(() => app.close());

  /** Asks each of these, with an id that is none and a body that none of them takes. */
  async function ask(
    asked: readonly Endpoint[],
    token: string,
    org: string,
  ): Promise<[Endpoint, number, unknown][]> {
    const answers: [Endpoint, number, unknown][] = [];
    for (const { method, path } of asked) {
      const target = `orgs/${org}${path.replace(/\{\w+\}/, 'no-id')}`;
      const hasBody = method === 'POST' || method === 'PATCH';
      const response = await app.api(method, target, { token, ...(hasBody && { body: { wrong: true } }) });
      const { message } = (await response.json()) as { message: unknown };
      answers.push([{ method, path }, response.status, message]);
    }
    return answers;
  }

  it('is known to the tests below', () => {
    expect(endpoints.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'DELETE ',
      'DELETE /api-keys/{id}',
      'DELETE /invites/{id}',
      'DELETE /keys/{provider}',
      'DELETE /limits/{id}',
      'DELETE /members/me',
      'DELETE /members/{id}',
      'GET /api-keys',
      'GET /audit-events',
      'GET /audit-events.csv',
      'GET /calls',
      'GET /calls.csv',
      'GET /calls/{id}',
      'GET /invites',
      'GET /keys',
      'GET /limits',
      'GET /limits/effective',
      'GET /members',
      'GET /seals',
      'GET /seals.jsonl',
      'GET /traces',
      'GET /traces/{id}',
      'GET /traces/{id}/calls/{call}',
      'GET /traces/{id}/calls/{call}/request',
      'GET /traces/{id}/calls/{call}/response',
      'GET /traces/{id}/export',
      'GET /usage',
      'GET /usage.csv',
      'PATCH ',
      'PATCH /limits/{id}',
      'PATCH /members/{id}',
      'POST /api-keys',
      'POST /invites',
      'POST /limits',
      'POST /members/{id}/deactivate',
      'POST /members/{id}/reactivate',
      'PUT /keys/{provider}',
    ]);
  });

  it('tells somebody who is not in it nothing else, whatever they send and whether it exists', async () => {
    const { token } = await app.signUp();
    const nothing = endpoints.map((one) => [one, 404, 'You are in no organization of this name.']);
    expect(await ask(endpoints, token, owner.org)).toEqual(nothing);
    expect(await ask(endpoints, token, 'no-such')).toEqual(nothing);
  });

  it('but the way out, and what concerns one’s own calls, is for its owners and admins alone, whatever others send', async () => {
    const forAll = [
      '/members/me',
      '/usage',
      '/usage.csv',
      '/calls',
      '/calls.csv',
      '/calls/{id}',
      '/traces',
      '/traces/{id}',
      '/limits/effective',
    ];
    const managing = endpoints.filter(
      ({ method, path }) =>
        !forAll.includes(path) &&
        !path.startsWith('/traces/{id}/') &&
        !['GET /members', 'DELETE '].includes(`${method} ${path}`),
    );
    for (const role of ['developer', 'auditor'] as const) {
      const { token } = await newMember(app, owner.org, role);
      const message = `Only an owner or admin of the organization can do this; your role is ${role}.`;
      expect(await ask(managing, token, owner.org)).toEqual(managing.map((one) => [one, 403, message]));
    }
  });

  it('that deletes it is for its owners alone', async () => {
    const deleting = endpoints.filter(({ method, path }) => method === 'DELETE' && path === '');
    for (const role of ['admin', 'auditor', 'developer'] as const) {
      const { token } = await newMember(app, owner.org, role);
      const message = `Only an owner of the organization can do this; your role is ${role}.`;
      expect(await ask(deleting, token, owner.org)).toEqual(deleting.map((one) => [one, 403, message]));
    }
  });

  it('that reads what was said is for its auditors alone, and who is in it for them as well', async () => {
    const reading = endpoints.filter(({ path }) => path.startsWith('/traces/{id}/'));
    const { token } = await newMember(app, owner.org, 'developer');
    for (const [own, role] of [
      [owner.token, 'owner'],
      [token, 'developer'],
    ] as const) {
      const message = `Only an auditor of the organization can do this; your role is ${role}.`;
      expect(await ask(reading, own, owner.org)).toEqual(reading.map((one) => [one, 403, message]));
    }
    const response = await app.api('GET', `orgs/${owner.org}/members`, { token });
    expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
      403,
      'Only an owner, admin or auditor of the organization can do this; your role is developer.',
    ]);
  });

  it('looks at what is sent only then', async () => {
    const body = { wrong: true };
    const response = await app.api('POST', `orgs/${owner.org}/api-keys`, { token: owner.token, body });
    expect(response.status).toBe(400);
  });
});
