import { Person, TestApp } from './support/app';
import { freshDatabase } from './support/database';
import { operate } from './support/operator';
import { Ran } from './support/test-io';

describe('what an operator does to accounts', () => {
  let env: NodeJS.ProcessEnv;
  let app: TestApp;
  let person: Person;

  let people: Person[];

  beforeAll(async () => {
    env = await freshDatabase();
    app = await TestApp.start({ env });
    people = [];
    for (let count = 0; count < 8; count++) people.push(await app.signUp());
    await app.close();
    nextPerson();
  });

  /** Each test that changes something takes a person of its own. */
  const nextPerson = (): void => {
    person = people.pop()!;
  };
  afterEach(() => app.close());

  /** The embedded database is open once at a time: the server is stopped, as an operator has to. */
  const run = (args: string[], stdin = ''): Promise<Ran> => operate(args, env, stdin);
  const signIn = async (password: string): Promise<number> =>
    (await app.api('POST', 'auth/login', { body: { email: person.email, password } })).status;
  const call = async (): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } })).status;
  const startAgain = async (): Promise<void> => {
    app = await TestApp.start({ env });
  };

  it.each([
    ['short', 'The password must have 10 to 128 characters'],
    ['password123', 'The password is one of the most common ones'],
    ['', 'The password must have'],
  ])('refuses the password "%s" and changes nothing', async (password, message) => {
    const { code, out, err } = await run(['reset-password', person.email], password);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(message);
    expect(err).toContain('Nothing was changed.');
  });

  it('has changed nothing with those', async () => {
    const refused = await run(['reset-password', person.email], 'short');
    expect(refused.code).toBe(1);
    await startAgain();
    expect([await call(), await signIn(person.password)]).toEqual([200, 200]);
  });

  it('resets a password from stdin, and revokes all sessions', async () => {
    nextPerson();
    const NEW = 'a pass word from the operator';
    const { code, out, err } = await run(['reset-password', ` ${person.email.toUpperCase()}`], `${NEW}\n`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('All their sessions are revoked');
    expect(out).not.toContain(NEW);
    await startAgain();
    expect(await call()).toBe(401);
    expect([await signIn(person.password), await signIn(NEW)]).toEqual([401, 200]);
  });

  it('resets a password that a terminal sent in another Unicode form than a browser does', async () => {
    nextPerson();
    const NEW = 'pässwörd vom Betreiber';
    const { code } = await run(['reset-password', person.email], `${NEW.normalize('NFD')}\n`);
    expect(code).toBe(0);
    await startAgain();
    expect(await signIn(NEW)).toBe(200);
  });

  it.each([
    ['and lets proxy tokens go on, and says so', [], /their proxy tokens go on/, 200],
    [
      'and ends proxy tokens where it is asked to',
      ['--revoke-proxy-tokens'],
      /and proxy tokens are revoked/,
      401,
    ],
  ])('resets a password %s', async (_, options, said, status) => {
    nextPerson();
    await startAgain();
    const created = await app.api('POST', 'me/proxy-tokens', { token: person.token, body: { name: 'ci' } });
    const { token } = (await created.json()) as { token: string };
    await app.close();
    const { code, out } = await run(['reset-password', person.email, ...options], 'another pass word');
    expect([code, out]).toEqual([0, expect.stringMatching(said)]);
    await startAgain();
    const answer = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
    expect(answer.status).toBe(status);
  });

  it('deactivates and lets in again, and the owner finds both in their trail', async () => {
    nextPerson();
    await startAgain();
    const body = { role: 'admin' };
    const invited = await app.api('POST', `orgs/${person.org}/invites`, { token: person.token, body });
    const { code: invite } = (await invited.json()) as { code: string };
    await app.close();
    expect(await run(['deactivate-user', person.email])).toMatchObject({
      code: 0,
      out: expect.stringContaining('is out'),
    });
    await startAgain();
    expect([await call(), await signIn(person.password)]).toEqual([401, 403]);
    const again = { email: 'again@example.com', password: 'a pass word of mine', invite };
    expect((await app.api('POST', 'auth/register', { body: again })).status).toBe(403);
    await app.close();
    expect((await run(['reactivate-user', person.email])).code).toBe(0);
    await startAgain();
    const login = await app.api('POST', 'auth/login', {
      body: { email: person.email, password: person.password },
    });
    const { token } = (await login.json()) as { token: string };
    const trail = await app.api('GET', 'me/audit-events?limit=4', { token });
    expect(await trail.json()).toMatchObject([
      { action: 'signed_in' },
      { action: 'member_reactivated', actor: 'operator', actor_email: null, address: null },
      { action: 'sign_in_failed' },
      { action: 'member_deactivated', actor: 'operator' },
    ]);
  });

  it('makes somebody admin or owner of an org', async () => {
    nextPerson();
    const [other] = people as [Person];
    expect(await run(['make-admin', person.email, '--org', other.org])).toMatchObject({
      code: 0,
      out: `${person.email} is admin of ${other.org}.\n`,
    });
    expect(await run(['make-admin', person.email])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Say which organization with --org'),
    });
    expect((await run(['make-admin', person.email, '--org', other.org, '--role', 'owner'])).code).toBe(0);
    expect(await run(['make-admin', person.email, '--org', other.org])).toMatchObject({
      code: 0,
      out: expect.stringContaining('is owner'), // and stays it
    });
    await startAgain();
    const me = await (await app.api('GET', 'auth/me', { token: person.token })).json();
    expect(me).toMatchObject({
      orgs: expect.arrayContaining([expect.objectContaining({ name: other.org, role: 'owner' })]),
    });
  });

  it.each([
    [['reset-password', 'nobody@example.com'], 1, 'There is no account with this email.'],
    [['deactivate-user', ''], 1, 'There is no account with this email.'],
    [['make-admin', 'EMAIL', '--org', 'no such org'], 1, 'There is no organization "no such org"'],
    [['make-admin', 'EMAIL', '--role', 'developer'], 2, 'Allowed choices are admin, owner'],
    [['reset-password'], 2, 'missing required argument'],
  ])('says what is wrong: %j', async (args, code, message) => {
    const ran = await run(args.map((arg) => (arg === 'EMAIL' ? person.email : arg)));
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toContain(message);
  });
});
