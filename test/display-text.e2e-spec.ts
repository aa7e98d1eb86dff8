import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { UserEntity } from '../src/auth/user.entity';
import { Person, TestApp, useApp } from './support/app';
import { isComplete, sendRaw } from './support/raw-http';

const HIDDEN = [
  '\u001b',
  '\n',
  '\u009b',
  '\u00ad',
  '\u200b',
  '\u202e',
  '\u2066',
  '\u2028',
  '\ue000',
  '\u0378',
];

describe('what people type for others to see', () => {
  const app = useApp();
  let ada: Person;

  beforeAll(async () => {
    ada = await app.signUp();
  });

  const password = 'correct horse battery';
  let created = 0;
  const newcomer = () => ({ email: `p${++created}@example.com`, password, org_name: `org ${created}` });
  const messages = async (response: Response): Promise<string[]> =>
    [((await response.json()) as { message: string | string[] }).message].flat();

  it.each<[string, string, string, (text: string) => object]>([
    ['an email', 'auth/register', 'email', (text) => ({ ...newcomer(), email: `"a${text}b"@example.com` })],
    ['a bare email', 'auth/register', 'email', (text) => ({ ...newcomer(), email: `a${text}b@example.com` })],
    ['a person’s name', 'auth/register', 'name', (text) => ({ ...newcomer(), name: `a${text}b` })],
    [
      'an organization’s name',
      'auth/register',
      'org_name',
      (text) => ({ ...newcomer(), org_name: `a${text}b` }),
    ],
    ['a proxy token’s name', 'me/proxy-tokens', 'name', (text) => ({ name: `a${text}b` })],
    ['an API key’s name', 'orgs/ORG/api-keys', 'name', (text) => ({ name: `a${text}b` })],
    [
      'an invite’s email',
      'orgs/ORG/invites',
      'email',
      (text) => ({ role: 'admin', email: `a${text}b@example.com` }),
    ],
    ['a client’s name', 'auth/device/authorize', 'client_name', (text) => ({ client_name: `a${text}b` })],
  ])('can’t have a character in %s that nobody sees', async (_, path, field, bodyWith) => {
    for (const character of HIDDEN) {
      const response = await app.api('POST', path.replace('ORG', ada.org), {
        token: ada.token,
        body: bodyWith(character),
      });
      const told = await messages(response);
      expect([character, response.status, told.length]).toEqual([character, 400, 1]);
      expect(told[0]).toMatch(new RegExp(`^${field} must (not hold|be an email)`));
    }
  });

  it('stays as it is typed, in whatever script', async () => {
    const names = ['Zoë 👩 ❤\ufe0f', 'ａｄａ', '日本語', 'עברית'];
    for (const name of names) {
      const { token } = (await (
        await app.api('POST', 'auth/register', { body: { ...newcomer(), name } })
      ).json()) as { token: string };
      expect(await (await app.api('GET', 'auth/me', { token })).json()).toMatchObject({ name });
    }
  });

  it('is one email in wide letters and in narrow ones: to sign up, to sign in, to be invited', async () => {
    const [narrow, wide] = ['wide@example.com', '\uff37\uff49de\uff20\uff45xample.com'];
    const registered = await app.api('POST', 'auth/register', { body: { ...newcomer(), email: wide } });
    expect(registered.status).toBe(201);
    expect((await app.api('POST', 'auth/register', { body: { ...newcomer(), email: narrow } })).status).toBe(
      409,
    );
    for (const email of [wide, narrow, narrow.toUpperCase()]) {
      const login = await app.api('POST', 'auth/login', { body: { email, password } });
      expect([login.status, await login.json()]).toEqual([200, expect.objectContaining({ email: narrow })]);
    }
    const invited = await app.api('POST', `orgs/${ada.org}/invites`, {
      token: ada.token,
      body: { role: 'developer', email: '\uff27race@example.com' },
    });
    const { code, email } = (await invited.json()) as { code: string; email: string };
    expect(email).toBe('grace@example.com');
    const grace = { ...newcomer(), org_name: undefined };
    const joined = await app.api('POST', 'auth/register', {
      body: { ...grace, email: 'GRACE@example.com', invite: code },
    });
    expect(joined.status).toBe(201);
  });

  it('is one name of an organization in wide letters and in narrow ones', async () => {
    expect(
      (await app.api('POST', 'auth/register', { body: { ...newcomer(), org_name: 'Fj\u00f6rd' } })).status,
    ).toBe(201);
    const wide = { ...newcomer(), org_name: '\uff46\uff4a\uff4f\u0308\uff52\uff44' };
    expect((await app.api('POST', 'auth/register', { body: wide })).status).toBe(409);
  });

  it('is cleaned where a client says who it is: in sessions, on the trail, at a device login', async () => {
    const body = JSON.stringify({ email: ada.email, password: ada.password });
    const agent = Buffer.from('lap\u0085top\u009b31m\u00ad/1', 'latin1');
    const post = (path: string, json: string) =>
      sendRaw(
        app.port,
        Buffer.concat([
          Buffer.from(`POST /api/v1/${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: `),
          agent,
          Buffer.from(`\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`),
        ]),
        { until: isComplete },
      );
    const { text } = await post('auth/login', body);
    const token = /tvs_[0-9a-f]{64}/.exec(text)![0];
    const sessions = await app.api('GET', 'auth/sessions', { token });
    expect(await sessions.json()).toContainEqual(
      expect.objectContaining({ current: true, user_agent: 'lap?top?31m?/1' }),
    );
    const [event] = (await (await app.api('GET', 'me/audit-events?limit=1', { token })).json()) as {
      client: string;
    }[];
    expect(event!.client).toBe('lap?top?31m?/1');
    expect(await app.dataSource.getRepository(AuditEventEntity).existsBy({ client: 'lap?top?31m?/1' })).toBe(
      true,
    );
    const user_code = /[A-Z]{4}-[A-Z]{4}/.exec((await post('auth/device/authorize', '{}')).text)![0];
    const waiting = await app.api('POST', 'auth/device/preview', { token, body: { user_code } });
    expect(await waiting.json()).toMatchObject({ client_name: 'lap?top?31m?/1' });
  });

  it('lets nobody guess more passwords of one account by spelling its email in other letters', async () => {
    const limited = await TestApp.start({ adjust: (config) => ({ ...config, rateLimits: true }) });
    const spellings = [
      'a',
      '\uff41',
      '\u{1d41a}',
      '\u{1d44e}',
      '\u{1d482}',
      '\u24d0',
      '\u{1d5ba}',
      '\u{1d622}',
      '\u{1d656}',
      '\u{1d68a}',
      'A',
    ];
    const statuses = await Promise.all(
      spellings.map(async (letter) => {
        const body = { email: `${letter}da@example.com`, password: 'not the password' };
        return (await limited.api('POST', 'auth/login', { body })).status;
      }),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    await limited.close();
  });

  it('lets people in whose email is from a time of other rules, by what they type', async () => {
    const users = app.dataSource.getRepository(UserEntity);
    for (const old of ['\uff41lice@example.com', 'bob\u200b@example.com', '"c\u001bd"@example.com']) {
      const person = await app.signUp(null);
      await users.update(person.userId, { email: old });
      const body = { email: old.toUpperCase(), password: person.password };
      const login = await app.api('POST', 'auth/login', { body });
      expect([login.status, await login.json()]).toEqual([
        200,
        expect.objectContaining({ user_id: person.userId }),
      ]);
    }
  });

  it('finds the older account by its own spelling, and the other by any', async () => {
    const users = app.dataSource.getRepository(UserEntity);
    const [wide, narrow] = [await app.signUp(null), await app.signUp(null)];
    await users.update(wide.userId, { email: '\uff45ve@example.com' });
    await users.update(narrow.userId, { email: 'eve@example.com' });
    const idOf = async (email: string, { password }: Person): Promise<unknown> => {
      const login = await app.api('POST', 'auth/login', { body: { email, password } });
      return ((await login.json()) as { user_id?: string }).user_id;
    };
    expect(await idOf('\uff45ve@example.com', wide)).toBe(wide.userId);
    expect(await idOf('eve@example.com', narrow)).toBe(narrow.userId);
    expect(await idOf('e\uff56e@example.com', narrow)).toBe(narrow.userId);
    // An invite for the one is none for the other, who looks like them.
    const invite = await app.api('POST', `orgs/${ada.org}/invites`, {
      token: ada.token,
      body: { role: 'developer', email: 'eve@example.com' },
    });
    const { code } = (await invite.json()) as { code: string };
    const accept = async ({ token }: Person): Promise<number> =>
      (await app.api('POST', 'invites/accept', { token, body: { invite: code } })).status;
    expect([await accept(wide), await accept(narrow)]).toEqual([403, 200]);
  });
});
