import { randomUUID } from 'node:crypto';
import { SessionEntity } from '../src/auth/session.entity';
import { UserEntity } from '../src/auth/user.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { TestApp } from './support/app';
import { sendRaw } from './support/raw-http';

describe('signing up, in and out', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  const ada = { email: 'Ada@Example.com', password: 'a long enough one', name: 'Ada', org_name: 'Ada’s Lab' };
  const refused = async (body: unknown): Promise<[number, string]> => {
    const response = await app.api('POST', 'auth/register', { body });
    const { message, ...rest } = (await response.json()) as {
      message: string | string[];
      statusCode: number;
      error: string;
    };
    expect(rest).toEqual({
      statusCode: response.status,
      error: expect.any(String),
      errors: expect.any(Array),
    });
    return [response.status, [message].flat().join('; ')];
  };

  it('registers a person with an org of their own and a session of thirty days', async () => {
    const response = await app.api('POST', 'auth/register', { body: ada });
    expect(response.status).toBe(201);
    const registered = (await response.json()) as Record<string, string>;
    expect(registered).toEqual({
      user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      org_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      org_name: 'ada-s-lab',
      token: expect.stringMatching(/^tvs_[0-9a-f]{64}$/),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    const days = (Date.parse(registered.expires_at!) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(30, 2);
    const me = await app.api('GET', 'auth/me', { token: registered.token! });
    expect(await me.json()).toEqual({
      user_id: registered.user_id,
      email: 'ada@example.com',
      name: 'Ada',
      orgs: [
        {
          id: registered.org_id,
          name: 'ada-s-lab',
          display_name: 'Ada’s Lab',
          role: 'owner',
          personal_keys: 'allowed',
          capture: 'members_choose',
          auditors: 0,
        },
      ],
      current_org: 'ada-s-lab',
    });
  });

  it('tells each person of themselves', async () => {
    for (const person of [await app.signUp(null), await app.signUp(null)]) {
      const me = await app.api('GET', 'auth/me', { token: person.token });
      expect(await me.json()).toMatchObject({ user_id: person.userId, email: person.email });
    }
  });

  it('refuses an email that is taken, whatever its case, and makes nothing', async () => {
    const before = await app.dataSource.getRepository(OrgEntity).count();
    const [status, message] = await refused({ ...ada, email: 'ADA@example.COM', org_name: 'another' });
    expect([status, message]).toEqual([409, expect.stringContaining('email')]);
    expect(await app.dataSource.getRepository(OrgEntity).count()).toBe(before);
  });

  it('refuses an org name that is taken, and leaves no person behind', async () => {
    const [status, message] = await refused({ ...ada, email: 'other@example.com', org_name: 'Ada S Lab' });
    expect([status, message]).toEqual([409, expect.stringContaining('ada-s-lab')]);
    expect(await app.dataSource.getRepository(UserEntity).countBy({ email: 'other@example.com' })).toBe(0);
  });

  it('lets exactly one of many sign-ups for one email through at the same moment', async () => {
    const attempts = Array.from({ length: 8 }, (_, index) =>
      app.api('POST', 'auth/register', {
        body: { ...ada, email: 'race@example.com', org_name: `race-${index}` },
      }),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it.each<[string, object, RegExp]>([
    ['no email', { email: undefined }, /email/],
    ['an email that is none', { email: 'ada' }, /email must be an email/],
    ['an email that is an object', { email: { $ne: '' } }, /email/],
    ['an email with a null byte', { email: 'a\0@example.com' }, /email/],
    ['a short password', { password: 'too short' }, /10 to 128 characters/],
    ['a long password', { password: 'x'.repeat(129) }, /10 to 128 characters/],
    ['a common password', { password: 'Password1234' }, /most common/],
    ['a password that is a number', { password: 12345678901 }, /10 to 128 characters/],
    ['no org name', { org_name: undefined }, /org_name/],
    ['an org name without a letter or digit', { org_name: '!!!' }, /org_name must hold/],
    ['a name with a control character', { name: 'A\u0000da' }, /control/],
    ['an unknown field', { role: 'owner' }, /role should not exist/],
    ['a field of every object', { toString: 'x' }, /not of the kind/],
  ])('refuses %s with 400 and says what is wrong', async (_name, change, message) => {
    const body = JSON.parse(JSON.stringify({ ...ada, email: 'new@example.com', org_name: 'new', ...change }));
    expect(await refused(body)).toEqual([400, expect.stringMatching(message)]);
  });

  it.each([
    [10, 201],
    [128, 201],
    [9, 400],
  ])('a password of %i characters, of which some take two units, gets %i', async (length, status) => {
    const person = { email: `length-${length}@example.com`, org_name: `length ${length}` };
    const body = { ...person, password: `🗝${'x'.repeat(length - 1)}` };
    expect((await app.api('POST', 'auth/register', { body })).status).toBe(status);
  });

  it('signs in, whatever the case of the email and the spaces around it', async () => {
    const response = await app.api('POST', 'auth/login', {
      body: { email: ' ada@EXAMPLE.com ', password: ada.password },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      token: expect.stringMatching(/^tvs_[0-9a-f]{64}$/),
      user_id: expect.any(String),
      email: 'ada@example.com',
      expires_at: expect.any(String),
    });
  });

  it('answers a wrong email and a wrong password with one wording and one timing', async () => {
    const attempt = async (email: string): Promise<{ ms: number; text: string; status: number }> => {
      const started = performance.now();
      const response = await app.api('POST', 'auth/login', { body: { email, password: 'a wrong password' } });
      const text = await response.text();
      return { ms: performance.now() - started, text, status: response.status };
    };
    await attempt('ada@example.com');
    const wrongPassword = [];
    const wrongEmail = [];
    for (let round = 0; round < 7; round++) {
      wrongPassword.push(await attempt('ada@example.com'));
      wrongEmail.push(await attempt('nobody@example.com'));
    }
    const told = new Set([...wrongPassword, ...wrongEmail].map(({ text, status }) => `${status} ${text}`));
    expect([...told]).toEqual([
      '401 {"statusCode":401,"error":"Unauthorized","message":"The email or the password is wrong.",' +
        '"errors":[{"code":"wrong_credentials","message":"The email or the password is wrong."}]}',
    ]);
    const median = (values: { ms: number }[]): number => values.map(({ ms }) => ms).sort((a, b) => a - b)[3]!;
    // Without the decoy hash a wrong email answers in a tenth of the time.
    expect(median(wrongEmail)).toBeGreaterThan(median(wrongPassword) / 2);
    expect(median(wrongPassword)).toBeGreaterThan(median(wrongEmail) / 2);
  });

  it('stores a password as argon2id with at least 19 MiB, two passes, one lane', async () => {
    const { passwordHash } = await app.dataSource
      .getRepository(UserEntity)
      .findOneByOrFail({ email: 'ada@example.com' });
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('stores of a token its SHA-256 alone', async () => {
    const { token, userId } = await app.signUp();
    const session = await app.dataSource.getRepository(SessionEntity).findOneByOrFail({ userId });
    expect(session.tokenHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(session)).not.toContain(token.slice(4));
  });

  it('signs out: the token is refused at once', async () => {
    const { token } = await app.signUp();
    expect((await app.api('POST', 'auth/logout', { token })).status).toBe(204);
    const response = await app.api('GET', 'auth/me', { token });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('own sessions', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  const list = async (token: string) =>
    (await (await app.api('GET', 'auth/sessions', { token })).json()) as Record<string, unknown>[];

  it('are listed with their client, and which one asks', async () => {
    const person = await app.signUp();
    const login = await app.api('POST', 'auth/login', {
      body: { email: person.email, password: person.password },
      headers: { 'user-agent': `a laptop ${'x'.repeat(500)}` },
    });
    const { token } = (await login.json()) as { token: string };
    const sessions = await list(token);
    expect(sessions).toHaveLength(2);
    expect(sessions.find(({ current }) => current)).toEqual({
      id: expect.any(String),
      kind: 'login',
      user_agent: `a laptop ${'x'.repeat(256 - 'a laptop '.length)}`,
      created_at: expect.stringMatching(/Z$/),
      last_used_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
      current: true,
    });
    expect(JSON.stringify(sessions)).not.toMatch(/tvs_|token/);
  });

  it('can be ended one by one, which leaves the others alone', async () => {
    const person = await app.signUp();
    const login = await app.api('POST', 'auth/login', {
      body: { email: person.email, password: person.password },
    });
    const { token: second } = (await login.json()) as { token: string };
    const first = (await list(second)).find(({ current }) => !current)!;
    expect((await app.api('DELETE', `auth/sessions/${String(first.id)}`, { token: second })).status).toBe(
      204,
    );
    expect((await app.api('GET', 'auth/me', { token: person.token })).status).toBe(401);
    expect(await list(second)).toHaveLength(1);
  });

  it('of other people can be neither seen nor ended', async () => {
    const [one, other] = [await app.signUp(), await app.signUp()];
    const [session] = await list(other.token);
    expect(
      (await app.api('DELETE', `auth/sessions/${String(session!.id)}`, { token: one.token })).status,
    ).toBe(404);
    const gone = await app.api('DELETE', `auth/sessions/${randomUUID()}`, { token: one.token });
    expect(await gone.json()).toMatchObject({ message: 'You have no such session.' });
    expect((await app.api('DELETE', 'auth/sessions/not-a-uuid', { token: one.token })).status).toBe(400);
    expect(await list(other.token)).toHaveLength(1);
  });

  it('are listed with the latest used first', async () => {
    const { email, password, token } = await app.signUp();
    for (const client of ['second', 'third']) {
      await app.api('POST', 'auth/login', { body: { email, password }, headers: { 'user-agent': client } });
    }
    const sessions = app.dataSource.getRepository(SessionEntity);
    const soon = (minutes: number) => ({ lastUsedAt: new Date(Date.now() + minutes * 60_000) });
    const [second, third] = [{ userAgent: 'second' }, { userAgent: 'third' }];
    const order = async () => (await list(token)).map(({ user_agent }) => user_agent).slice(0, 2);
    await sessions.update(second, soon(1));
    await sessions.update(third, soon(2));
    expect(await order()).toEqual(['third', 'second']);
    await sessions.update(second, soon(3));
    expect(await order()).toEqual(['second', 'third']);
  });

  it('begin also with a client that does not say what it is', async () => {
    const { email, password } = await app.signUp();
    const body = JSON.stringify({ email, password });
    const head = `POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
    const { text, status } = await sendRaw(app.port, head + body);
    expect(status).toBe(200);
    const { token } = JSON.parse(text.split('\r\n\r\n')[1]!) as { token: string };
    expect((await list(token)).find(({ current }) => current)).toMatchObject({ user_agent: null });
  });

  it('do not write their last use again within a minute', async () => {
    const { token, userId } = await app.signUp();
    const sessions = app.dataSource.getRepository(SessionEntity);
    const lastUsedAt = new Date(Date.now() - 30_000);
    await sessions.update({ userId }, { lastUsedAt });
    for (let time = 0; time < 3; time++) await list(token);
    expect((await sessions.findOneByOrFail({ userId })).lastUsedAt).toEqual(lastUsedAt);
  });

  it('serve also when their last use can’t be written, and the log says so', async () => {
    const { token, userId } = await app.signUp();
    await app.dataSource.getRepository(SessionEntity).update({ userId }, { lastUsedAt: new Date(0) });
    await app.dataSource.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$`,
    );
    await app.dataSource.query(
      `CREATE TRIGGER refuse BEFORE UPDATE ON auth_sessions EXECUTE FUNCTION refuse()`,
    );
    expect(await list(token)).toHaveLength(1);
    for (let tries = 0; !app.log.includes('could not be written') && tries < 200; tries++) await list(token);
    expect(app.log).toMatch(/disk full.*The time of last use of a session could not be written/);
    await app.dataSource.query(`DROP TRIGGER refuse ON auth_sessions`);
  });

  it('are not asked of the database for what can’t be a token', async () => {
    const lost = await TestApp.start();
    await lost.dataSource.destroy();
    expect((await lost.api('GET', 'auth/me', { token: 'tvs_short' })).status).toBe(401);
    expect((await lost.api('GET', 'auth/me', { token: `tvs_${'0'.repeat(64)}` })).status).toBe(500);
    await lost.close();
  });

  it('show the last use to the minute, written without holding a request up', async () => {
    const { token, userId } = await app.signUp();
    const sessions = app.dataSource.getRepository(SessionEntity);
    await sessions.update({ userId }, { lastUsedAt: new Date(Date.now() - 3_600_000) });
    await list(token);
    const deadline = Date.now() + 5_000;
    let age = Infinity;
    while (age > 60_000 && Date.now() < deadline) {
      age = Date.now() - (await sessions.findOneByOrFail({ userId })).lastUsedAt.getTime();
    }
    expect(age).toBeLessThan(60_000);
  });

  it('that have expired are refused and not listed', async () => {
    const person = await app.signUp();
    const sessions = app.dataSource.getRepository(SessionEntity);
    await sessions.update({ userId: person.userId }, { expiresAt: new Date(Date.now() - 1) });
    expect((await app.api('GET', 'auth/me', { token: person.token })).status).toBe(401);
    const login = await app.api('POST', 'auth/login', {
      body: { email: person.email, password: person.password },
    });
    expect(await list(((await login.json()) as { token: string }).token)).toHaveLength(1);
  });
});
