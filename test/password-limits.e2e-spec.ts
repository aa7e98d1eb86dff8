import { Person, TestApp } from './support/app';
import { signInAsPage } from './support/page-session';

/** Behind a reverse proxy that says who the client is: `from` is the network that a request comes from. */
describe('guesses at a password', () => {
  let app: TestApp;
  let ada: Person;

  beforeEach(async () => {
    app = await TestApp.start({
      env: { TRUST_PROXY: 'loopback' },
      adjust: (config) => ({ ...config, rateLimits: true }),
    });
    ada = await app.signUp(null);
  });
  afterEach(() => app.close());

  async function signIn(from: string, password: string, { email = ada.email, cookie = '' } = {}) {
    const headers = { 'x-forwarded-for': from, ...(cookie !== '' && { cookie }) };
    const response = await app.api('POST', 'auth/login', { body: { email, password }, headers });
    const cookies = response.headers.getSetCookie().map((one) => one.split(';')[0]!);
    return {
      status: response.status,
      browser: cookies.find((one) => one.startsWith('tracevault_browser_3000=')),
    };
  }
  const statuses = async (answers: Promise<{ status: number }>[]): Promise<number[]> =>
    (await Promise.all(answers)).map(({ status }) => status);
  /** As many failures as an account may have in a minute, ten from each of ten networks. */
  const exhaust = async (): Promise<void> => {
    for (let network = 0; network < 10; network++) {
      const wrong = Array.from({ length: 10 }, () => signIn(`10.0.0.${network}`, 'a wrong one'));
      expect(new Set(await statuses(wrong))).toEqual(new Set([401])); // a hundred at once are too many passwords to hash
    }
  };

  it('from one network leave the owner free to sign in from another', async () => {
    const guesses = Array.from({ length: 12 }, () => signIn('10.0.0.1', 'a wrong one'));
    expect((await statuses(guesses)).filter((status) => status === 401)).toHaveLength(10);
    expect((await signIn('10.0.0.1', ada.password)).status).toBe(429);
    expect((await signIn('10.0.0.2', ada.password)).status).toBe(200);
  });

  it('that are right count as nothing', async () => {
    for (let times = 0; times < 15; times++)
      expect((await signIn('10.0.0.1', ada.password)).status).toBe(200);
  });

  it('that come all at once are checked as often as the limit says, and no more', async () => {
    const guesses = Array.from({ length: 30 }, (_, n) => signIn('10.0.0.1', `guess number ${n}`));
    const answers = await statuses(guesses);
    expect(answers.filter((status) => status === 401)).toHaveLength(10);
    expect(answers.filter((status) => status === 429)).toHaveLength(20);
    const [row] = await app.dataSource.query(
      `SELECT count(*)::int AS "checked" FROM "audit_events" WHERE "action" = 'sign_in_failed'`,
    );
    expect(row).toEqual({ checked: 10 });
  });

  it('from everywhere come to an end, but for a browser in which the person has signed in before', async () => {
    const grace = await app.signUp(null);
    const own = (await signIn('10.0.1.1', ada.password)).browser!;
    const others = (await signIn('10.0.1.2', grace.password, { email: grace.email })).browser!;
    await exhaust();
    expect((await signIn('10.0.2.1', ada.password)).status).toBe(429);
    for (const cookie of [others, 'tracevault_browser_3000=', 'tracevault_browser_3000=a.b', `${own}x`])
      expect((await signIn('10.0.2.1', ada.password, { cookie })).status).toBe(429);
    expect((await signIn('10.0.2.1', ada.password, { cookie: own })).status).toBe(200);
    expect((await signIn('10.0.2.1', 'a wrong one', { cookie: own })).status).toBe(401);
    expect((await signIn('10.0.2.1', grace.password, { email: grace.email })).status).toBe(200);
  });

  it('are no easier from a browser that knew an earlier password', async () => {
    const old = (await signIn('10.0.1.1', ada.password)).browser!;
    const body = { current_password: ada.password, new_password: 'another pass word' };
    const changed = await app.api('PUT', 'auth/password', { token: ada.token, body });
    const renewed = changed.headers.getSetCookie()[0]!.split(';')[0]!;
    await exhaust();
    expect((await signIn('10.0.2.1', 'another pass word', { cookie: old })).status).toBe(429);
    expect((await signIn('10.0.2.1', 'another pass word', { cookie: renewed })).status).toBe(200);
  });

  it('that a person’s sessions make together are counted, however each of them is written', async () => {
    const second = await signInAsPage(app, {}, ada);
    const spellings: [string, Record<string, string>][] = [
      ['auth/password', { authorization: `Bearer ${ada.token}` }],
      ['auth/password/', { authorization: `Bearer ${ada.token}` }],
      ['auth/password', { authorization: `bearer    ${ada.token}` }],
      ['auth/password?again', { authorization: `Bearer ${second.token}` }],
      ['auth/password', { ...second.headers, cookie: `one=1; ${second.cookie}` }],
    ];
    const guess = async (n: number): Promise<number> => {
      const [path, credential] = spellings[n % spellings.length]!;
      const headers = { ...credential, 'x-forwarded-for': `10.0.3.${n}` };
      const wrong = { current_password: `guess number ${n}`, new_password: 'a new pass word' };
      return (await app.api('PUT', path, { body: wrong, headers })).status;
    };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(n)));
    expect(answers.filter((status) => status === 403)).toHaveLength(10);
    expect(answers.filter((status) => status === 429)).toHaveLength(10);
    const other = await app.signUp(null);
    const wrong = { current_password: 'a wrong one', new_password: 'a new pass word' };
    expect((await app.api('PUT', 'auth/password', { token: other.token, body: wrong })).status).toBe(403);
  });

  describe('that sign up', () => {
    const signUp = async (n: number, from: string, email: string, place: object): Promise<number> => {
      const body = { email, password: 'a long pass word', ...place };
      const headers = { 'x-forwarded-for': from };
      return (await app.api('POST', n % 2 ? 'auth/register' : 'auth/register/', { body, headers })).status;
    };

    it('are counted by email and network, whatever comes of them', async () => {
      const acme = { org_name: 'acme' };
      for (let n = 0; n < 10; n++) expect(await signUp(n, '10.0.4.1', ada.email, acme)).toBe(409);
      expect(await signUp(10, '10.0.4.1', ada.email.toUpperCase(), acme)).toBe(429);
      expect(await signUp(11, '10.0.4.1', 'somebody@example.com', acme)).toBe(201);
    });

    it('for somebody who is invited do not keep them out', async () => {
      const { token, org } = ada;
      const email = 'grace@example.com';
      const created = await app.api('POST', `orgs/${org}/invites`, {
        token,
        body: { role: 'developer', email },
      });
      const { code: invite } = (await created.json()) as { code: string };
      const wrong = { invite: `tvi_${'0'.repeat(64)}` };
      for (let n = 0; n < 12; n++) await signUp(n, `10.0.5.${n % 2}`, email, wrong);
      expect(await signUp(12, '10.0.6.1', email, { invite })).toBe(201);
    });
  });
});
