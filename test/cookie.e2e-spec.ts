import { Person, TestApp } from './support/app';
import { PageSession, signInAsPage } from './support/page-session';

describe('the session cookie of the browser', () => {
  let app: TestApp;
  let secure: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
    secure = await TestApp.start({ env: { TRACEVAULT_PUBLIC_URL: 'https://vault.example.com' } });
  });
  afterAll(async () => {
    await app.close();
    await secure.close();
  });

  it('is HttpOnly and SameSite=Strict, and behind https Secure, with a __Host- name and the whole token', async () => {
    expect((await signInAsPage(app)).setCookie).toMatch(
      /^tracevault_session_3000=[0-9a-f]{64}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    const { setCookie, token, share } = await signInAsPage(secure);
    expect(setCookie).toMatch(
      /^__Host-tracevault_session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(setCookie.split(';')[0]).toBe(`__Host-tracevault_session=${token}`);
    expect(share).toBeNull();
  });

  it('comes with one that tells the browser from others, with the same attributes and for a year', async () => {
    for (const [where, name] of [
      [app, 'tracevault_browser_3000'],
      [secure, '__Host-tracevault_browser'],
    ] as const) {
      const person = await where.signUp(null);
      const body = { email: person.email, password: person.password };
      const signedIn = await where.api('POST', 'auth/login', { body });
      const [, cookie = ''] = signedIn.headers.getSetCookie();
      expect(cookie).toMatch(
        new RegExp(
          `^${name}=[\\w-]{22}\\.[\\w-]{43}; Path=/; Expires=[^;]+; HttpOnly; (Secure; )?SameSite=Strict$`,
        ),
      );
      expect(cookie.includes('Secure')).toBe(where === secure);
      const days = (Date.parse(/Expires=([^;]+)/.exec(cookie)![1]!) - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(365);
      expect((await where.api('GET', 'auth/me', { headers: { cookie } })).status).toBe(401);
    }
  });

  it('authenticates a request that changes nothing, from wherever it comes', async () => {
    const { cookie, person } = await signInAsPage(secure);
    const fromElsewhere = { cookie, 'sec-fetch-site': 'cross-site' };
    expect((await secure.api('HEAD', 'auth/me', { headers: fromElsewhere })).status).toBe(200);
    const response = await secure.api('GET', 'auth/me', { headers: { cookie } });
    expect(await response.json()).toMatchObject({ email: person.email });
  });

  it.each<[number, string, Record<string, string>]>([
    [204, 'Sec-Fetch-Site: same-origin', { 'sec-fetch-site': 'same-origin' }],
    [204, 'the Origin of the public URL', { origin: 'https://vault.example.com' }],
    [403, 'no proof', {}],
    [403, 'another Origin', { origin: 'https://evil.example.com' }],
    [403, 'the Origin null', { origin: 'null' }],
    [403, 'http in place of https', { origin: 'http://vault.example.com' }],
    [
      403,
      'Sec-Fetch-Site: same-site',
      { 'sec-fetch-site': 'same-site', origin: 'https://vault.example.com' },
    ],
    [
      403,
      'Sec-Fetch-Site: cross-site',
      { 'sec-fetch-site': 'cross-site', origin: 'https://vault.example.com' },
    ],
    [403, 'Sec-Fetch-Site: none', { 'sec-fetch-site': 'none' }],
  ])('gets %i for a change with %s', async (status, _name, headers) => {
    const { cookie, person } = await signInAsPage(secure);
    const response = await secure.api('DELETE', 'me/anthropic-key', { headers: { cookie, ...headers } });
    expect(response.status).toBe(status);
    if (status === 403) {
      expect(await response.json()).toMatchObject({
        message:
          'A request with the session cookie has to come from a page of this server. Open the page at its public URL ' +
          '(TRACEVAULT_PUBLIC_URL), or authenticate with "Authorization: Bearer tvs_...".',
      });
    }
    const { configured } = (await (
      await secure.api('GET', 'me/anthropic-key', { token: person.token })
    ).json()) as {
      configured: boolean;
    };
    expect(configured).toBe(status !== 204);
  });

  it('is taken back at sign-out', async () => {
    const { headers, cookie } = await signInAsPage(secure);
    const response = await secure.api('POST', 'auth/logout', { headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-tracevault_session=; Path=\/; Expires=Thu, 01 Jan 1970/,
    );
    expect((await secure.api('GET', 'auth/me', { headers: { cookie } })).status).toBe(401);
  });

  it('of another name is none', async () => {
    for (const cookie of [
      'other=1',
      '__Host-tracevault_session',
      '=',
      `tracevault_session_443=tvs_${'0'.repeat(64)}`,
    ]) {
      const response = await secure.api('GET', 'auth/me', { headers: { cookie } });
      expect(await response.json()).toMatchObject({ message: expect.stringMatching(/^Not signed in\./) });
    }
  });
});

describe('an Authorization header beside the session cookie', () => {
  const UNKNOWN = /^The token is unknown/;
  let app: TestApp;
  let session: PageSession;

  beforeAll(async () => {
    app = await TestApp.start();
    session = await signInAsPage(app);
  });
  afterAll(() => app.close());

  const withCookie = (method: string, path: string, authorization: string, more = {}) =>
    app.api(method, path, { headers: { ...session.headers, authorization, ...more } });

  it('with a session token counts before the cookie', async () => {
    const other = await app.signUp();
    const response = await withCookie('GET', 'auth/me', `bearer ${other.token}`);
    expect(await response.json()).toMatchObject({ email: other.email });
  });

  it.each(['tvs_', `tvs_${'0'.repeat(64)}`, 'tvp_wrong', `tvk_${'0'.repeat(64)}`])(
    'with the wrong token %s is not rescued by the cookie',
    async (token) => {
      const response = await withCookie('GET', 'auth/me', `Bearer ${token}`);
      expect([response.status, await response.json()]).toEqual([
        401,
        expect.objectContaining({ message: expect.stringMatching(UNKNOWN) }),
      ]);
    },
  );

  it('with a proxy token is refused for what it is', async () => {
    const created = await app.api('POST', 'me/proxy-tokens', {
      headers: session.headers,
      body: { name: 'ci' },
    });
    const { token } = (await created.json()) as { token: string };
    expect((await withCookie('GET', 'auth/me', `Bearer ${token}`)).status).toBe(403);
  });

  describe.each(['Basic Z2F0ZTpwYXNz', 'Bearer of-a-gate', 'Bearer', 'Digest username="tvs_x"', 'tvs_x'])(
    'of somebody else, as of a gate in front (%s)',
    (authorization) => {
      it('leaves the decision to the cookie', async () => {
        const response = await withCookie('GET', 'auth/me', authorization);
        expect(await response.json()).toMatchObject({ email: session.person.email });
        const body = { key: 'sk-ant-through-a-gate' };
        const headers = { ...session.headers, authorization };
        expect((await app.api('PUT', 'me/anthropic-key', { headers, body })).status).toBe(204);
      });

      it('does not spare a change the proof of its origin', async () => {
        const foreign = { 'sec-fetch-site': 'same-site' };
        const response = await withCookie('DELETE', 'me/anthropic-key', authorization, foreign);
        expect(response.status).toBe(403);
      });

      it('is no token without a cookie', async () => {
        const response = await app.api('GET', 'auth/me', { headers: { authorization } });
        const message = authorization === 'Bearer' ? /^The Authorization header must be/ : UNKNOWN;
        expect([response.status, await response.json()]).toEqual([
          401,
          expect.objectContaining({ message: expect.stringMatching(message) }),
        ]);
      });
    },
  );
});

describe('the door of the API', () => {
  let app: TestApp;
  let person: Person;
  let orgKey: string;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp();
    const created = await app.api('POST', `orgs/${person.org}/api-keys`, {
      token: person.token,
      body: { name: 'ci' },
    });
    orgKey = ((await created.json()) as { key: string }).key;
  });
  afterAll(() => app.close());

  it.each<[string, () => string | undefined, number, string]>([
    [
      'no token',
      () => undefined,
      401,
      'Not signed in. Sign in with POST /api/v1/auth/login and send its token as "Authorization: Bearer tvs_...".',
    ],
    [
      'an unknown token',
      () => `tvs_${'0'.repeat(64)}`,
      401,
      'The token is unknown, or its session was revoked or has expired. Sign in again with POST /api/v1/auth/login.',
    ],
    [
      'an organization’s key that is unknown',
      () => `tvk_${'0'.repeat(64)}`,
      401,
      'The token is unknown, or its session was revoked or has expired. Sign in again with POST /api/v1/auth/login.',
    ],
    [
      'an organization’s key',
      () => orgKey,
      403,
      "An organization's API key can't do this: it is for a signed-in person, and the proxy and its keys are per person. " +
        'Sign in and use your own session token (tvs_...).',
    ],
  ])('answers %s', async (_, token, status, message) => {
    const presented = token();
    const response = await app.api('GET', 'auth/me', presented === undefined ? {} : { token: presented });
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ message })]);
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });

  it('says what is wrong with a header that holds no token', async () => {
    const response = await app.api('GET', 'auth/me', { headers: { authorization: 'Bearer' } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      message: expect.stringMatching(/^The Authorization header must be/),
    });
  });

  it('tells the log who came in', async () => {
    await app.api('GET', 'auth/sessions', { token: person.token });
    expect(await app.requestLine('/api/v1/auth/sessions')).toMatchObject({ user_id: person.userId });
  });
});
