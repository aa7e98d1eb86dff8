import { MembershipEntity, Role } from '../src/orgs/membership.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, useApp } from './support/app';

const NO_ID = 'must be an id: 32 hex digits in the form 8-4-4-4-12';

interface Operation {
  parameters?: { name: string; in: string; schema?: { format?: string } }[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
}

/** Parameters that are no ids of this server's rows; the id of a call is that of its request. */
const NO_IDS = [
  ...['org', 'provider', 'limit', 'check', 'force', 'from', 'to', 'time_zone', 'group_by', 'cursor', 'model'],
  ...['outcome', 'usage_state', 'session', 'client_kind', 'format', 'reason', 'q', 'confirm'],
];

describe('ids in a request', () => {
  const app = useApp();
  let owner: Person;

  beforeEach(async () => {
    owner = await app.signUp();
  });

  async function member(role: Role): Promise<Person> {
    const person = await app.signUp();
    const memberships = app.dataSource.getRepository(MembershipEntity);
    const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: owner.org });
    await memberships.delete({ userId: person.userId });
    await memberships.insert({ userId: person.userId, orgId: id, role });
    return { ...person, org: owner.org };
  }
  const call = async ({ token }: { token: string }): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;
  const makeToken = async ({ token }: Person) => {
    const created = await app.api('POST', 'me/proxy-tokens', { token, body: { name: 'ci' } });
    return (await created.json()) as { id: string; token: string };
  };

  it('cut the access of whom they name at once, in whatever case they are typed', async () => {
    const leaver = await member('developer');
    const agent = await makeToken(leaver);
    expect([await call(leaver), await call(agent)]).toEqual([200, 200]); // both are in memory now
    const path = `orgs/${owner.org}/members/${leaver.userId.toUpperCase()}/deactivate`;
    expect((await app.api('POST', path, { token: owner.token })).status).toBe(204);
    expect([await call(leaver), await call(agent)]).toEqual([401, 401]);
    expect((await app.api('GET', 'auth/me', { token: leaver.token })).status).toBe(401);
    const told = app.log.split('\n').find((line) => line.includes('"member_deactivated"'));
    expect(JSON.parse(told!)).toMatchObject({ audit: { subject_id: leaver.userId } });
  });

  it('name oneself in capitals as well: nobody puts themselves out', async () => {
    const path = `orgs/${owner.org}/members/${owner.userId.toUpperCase()}`;
    for (const [method, what] of [
      ['POST', '/deactivate'],
      ['POST', '/reactivate'],
      ['DELETE', ''],
    ] as const)
      expect((await app.api(method, path + what, { token: owner.token })).status).toBe(409);
    expect((await app.api('GET', `orgs/${owner.org}/members`, { token: owner.token })).status).toBe(200);
  });

  it('name the member whose role is changed, and oneself, in capitals as well', async () => {
    const target = await member('developer');
    const change = (userId: string, role: Role) =>
      app.api('PATCH', `orgs/${owner.org}/members/${userId.toUpperCase()}`, {
        token: owner.token,
        body: { role },
      });
    const changed = await change(target.userId, 'admin');
    expect([changed.status, await changed.json()]).toEqual([
      200,
      expect.objectContaining({ user_id: target.userId, role: 'admin' }),
    ]);
    expect((await change(owner.userId, 'admin')).status).toBe(409); // the last owner
  });

  it('of sessions, proxy tokens, keys and invites are known in capitals, and told in small letters', async () => {
    const { token, org, email, password } = owner;
    const login = await app.api('POST', 'auth/login', { body: { email, password } });
    const second = (await login.json()) as { token: string };
    expect(await call(second)).toBe(200);
    const sessions = (await (await app.api('GET', 'auth/sessions', { token })).json()) as {
      id: string;
      current: boolean;
    }[];
    const other = sessions.find(({ current }) => !current)!.id;
    const agent = await makeToken(owner);
    expect(await call(agent)).toBe(200);
    const idOf = async (path: string, body: object): Promise<string> =>
      ((await (await app.api('POST', path, { token, body })).json()) as { id: string }).id;
    const key = await idOf(`orgs/${org}/api-keys`, { name: 'k' });
    const invite = await idOf(`orgs/${org}/invites`, { role: 'developer' });
    const renamed = await app.api('PATCH', `me/proxy-tokens/${agent.id.toUpperCase()}`, {
      token,
      body: { name: 'b' },
    });
    expect(await renamed.json()).toMatchObject({ id: agent.id, name: 'b' });
    for (const path of [
      `auth/sessions/${other.toUpperCase()}`,
      `me/proxy-tokens/${agent.id.toUpperCase()}`,
      `orgs/${org}/api-keys/${key.toUpperCase()}`,
      `orgs/${org}/invites/${invite.toUpperCase()}`,
    ])
      expect([path, (await app.api('DELETE', path, { token })).status]).toEqual([path, 204]);
    expect([await call(second), await call(agent)]).toEqual([401, 401]);

    const events = (await (await app.api('GET', 'me/audit-events?limit=4', { token })).json()) as {
      id: string;
      details: Record<string, string>;
    }[];
    expect(events.map(({ details }) => ({ ...details, via_session: undefined }))).toEqual([
      { invite_id: invite },
      { api_key_id: key },
      { proxy_token_id: agent.id, name: 'b' },
      { session_id: other },
    ]);
    const page = (id: string) => app.api('GET', `me/audit-events?before=${id}`, { token });
    const [first] = events;
    expect(await (await page(first!.id.toUpperCase())).json()).toEqual(await (await page(first!.id)).json());
  });

  it('are emails and names of organizations in any case, too', async () => {
    const { token, org, email, password } = owner;
    const body = { email: email.toUpperCase(), password };
    expect((await app.api('POST', 'auth/login', { body })).status).toBe(200);
    expect((await app.api('GET', `orgs/${org.toUpperCase()}/members`, { token })).status).toBe(200);
    const invite = { role: 'developer', email: 'Grace@Example.com' };
    const created = await app.api('POST', `orgs/${org.toUpperCase()}/invites`, { token, body: invite });
    expect(await created.json()).toMatchObject({ email: 'grace@example.com' });
  });

  it('are refused where they are none, with a word on what one is, on every route that takes one', async () => {
    const document = (await (await fetch(`${app.url}/api/docs-json`)).json()) as {
      paths: Record<string, Record<string, Operation>>;
      components: { schemas: Record<string, { properties: Record<string, { example?: unknown }> }> };
    };
    const asked: string[] = [];
    const auditor = await member('auditor');
    for (const [path, item] of Object.entries(document.paths).filter(([one]) => one.startsWith('/api/'))) {
      for (const [method, { parameters = [], requestBody }] of Object.entries(item)) {
        const ids = parameters.filter(
          ({ name, schema }) =>
            !NO_IDS.includes(name) && !path.includes('/calls/') && schema?.format !== 'date',
        ); // whatever they are called
        for (const { name, in: where, schema } of ids) {
          const route = `${method} ${path}`;
          expect([route, name, schema?.format]).toEqual([route, name, 'uuid']);
          const properties =
            document.components.schemas[
              requestBody?.content['application/json']?.schema.$ref.split('/').at(-1) ?? ''
            ]?.properties ?? {};
          const body = Object.fromEntries(
            Object.entries(properties).map(([field, { example }]) => [field, example]),
          );
          for (const wrong of ['nonsense', `${owner.userId}0`, `{${owner.userId}}`, '%00', '..%2f..']) {
            const target = path.replace('{org}', owner.org).replace(`{${name}}`, wrong);
            const isAuditors = path === '/api/v1/orgs/{org}/traces/{id}/export';
            const others = isAuditors ? '?format=raw&reason=the+audit+of+the+year' : '';
            const query = where === 'query' ? `?${name}=${wrong}` : others;
            const answer = await app.api(method.toUpperCase(), target.replace('/api/v1/', '') + query, {
              token: isAuditors ? auditor.token : owner.token,
              ...(requestBody !== undefined && { body }),
            });
            const { message } = (await answer.json()) as { message: string | string[] };
            expect([route, wrong, answer.status, [message].flat()]).toEqual([
              route,
              wrong,
              400,
              [`${name} ${NO_ID}`],
            ]);
          }
          asked.push(route);
        }
      }
    }
    expect(asked).toHaveLength(26);
  });
});
