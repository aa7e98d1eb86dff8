import { TestApp, useApp } from './support/app';
import { PAGE_SHARE, PageSession, signInAsPage } from './support/page-session';

const ALONE =
  'The session cookie came without the page\'s share of it (the header "X-TraceVault-Page-Share"), and opens nothing ' +
  'alone. Sign in again, or authenticate with "Authorization: Bearer tvs_...".';
const UNKNOWN =
  'The token is unknown, or its session was revoked or has expired. Sign in again with POST /api/v1/auth/login.';
const MISSING =
  'Not signed in. Sign in with POST /api/v1/auth/login and send its token as "Authorization: Bearer tvs_...".';

/** Cookies know no ports: what the browser holds for this server goes to every other one on the host as well. */
describe('the session cookie over http', () => {
  const app = useApp({ env: { TRACEVAULT_PUBLIC_URL: 'http://localhost:8123' } });
  let session: PageSession;
  let other: PageSession;

  beforeAll(async () => {
    session = await signInAsPage(app);
    other = await signInAsPage(app);
  });

  const cookieValue = () => session.cookie.split('=')[1]!;
  const share = () => session.share!;

  async function answer(headers: Record<string, string>): Promise<[number, string]> {
    const response = await app.api('GET', 'auth/me', { headers });
    const { message, email } = (await response.json()) as { message?: string; email?: string };
    return [response.status, message ?? email ?? ''];
  }

  it('is named for the port of the public URL, wherever the server itself listens', () => {
    expect(session.setCookie).toMatch(
      /^tracevault_session_8123=[0-9a-f]{64}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
  });

  it('is named for port 80 when the public URL has none', async () => {
    const plain = await TestApp.start({ env: { TRACEVAULT_PUBLIC_URL: 'http://vault.example.com' } });
    const { setCookie, headers } = await signInAsPage(plain);
    expect(setCookie).toMatch(/^tracevault_session_80=/);
    expect((await plain.api('GET', 'auth/me', { headers })).status).toBe(200);
    await plain.close();
  });

  it('is one of two shares of the token, of which neither tells anything about it', () => {
    expect(share()).toMatch(/^[0-9a-f]{64}$/);
    const [token, inCookie, inPage] = [session.token.slice(4), cookieValue(), share()].map((hex) =>
      BigInt(`0x${hex}`),
    );
    expect(inCookie! ^ inPage!).toBe(token);
    expect(new Set([token, inCookie, inPage]).size).toBe(3);
  });

  it('is split in another way at each sign-in', async () => {
    const next = await signInAsPage(app, {}, session.person);
    expect(next.cookie).not.toBe(session.cookie);
    expect(next.share).not.toBe(session.share);
  });

  it('is set at sign-up, too, with the share of the page', async () => {
    const response = await app.api('POST', 'auth/register', {
      body: { email: 'ada@example.com', password: 'correct horse battery', org_name: 'lovelace' },
    });
    const cookie = response.headers.get('set-cookie')!.split(';')[0]!;
    const headers = { cookie, [PAGE_SHARE]: response.headers.get(PAGE_SHARE)! };
    expect(await answer(headers)).toEqual([200, 'ada@example.com']);
  });

  it('authenticates together with the share, reading and changing', async () => {
    const { headers, person } = session;
    expect(await answer(headers)).toEqual([200, person.email]);
    expect((await app.api('HEAD', 'auth/me', { headers })).status).toBe(200);
    expect((await app.api('PUT', 'me/anthropic-key', { headers, body: { key: 'sk-ant-x' } })).status).toBe(
      204,
    );
  });

  it('with the share still has to come from a page of this server for a change', async () => {
    const headers = { ...session.headers, 'sec-fetch-site': 'same-site', origin: 'http://localhost:5173' };
    expect((await app.api('DELETE', 'me/anthropic-key', { headers })).status).toBe(403);
  });

  it.each<[string, () => Record<string, string>, string]>([
    ['the cookie alone', () => ({ cookie: session.cookie }), ALONE],
    ['an empty share', () => ({ cookie: session.cookie, [PAGE_SHARE]: '' }), ALONE],
    ['a share that is cut', () => ({ cookie: session.cookie, [PAGE_SHARE]: share().slice(1) }), ALONE],
    ['a share that is no hex', () => ({ cookie: session.cookie, [PAGE_SHARE]: 'z'.repeat(64) }), ALONE],
    ['the token as the share', () => ({ cookie: session.cookie, [PAGE_SHARE]: session.token }), ALONE],
    ['a share of nothing', () => ({ cookie: session.cookie, [PAGE_SHARE]: '0'.repeat(64) }), UNKNOWN],
    ['the cookie as its share', () => ({ cookie: session.cookie, [PAGE_SHARE]: cookieValue() }), UNKNOWN],
    ['a share of another session', () => ({ cookie: session.cookie, [PAGE_SHARE]: other.share! }), UNKNOWN],
    ['the share alone', () => ({ [PAGE_SHARE]: share() }), MISSING],
    ['the whole token as the cookie', () => ({ cookie: `tracevault_session_8123=${session.token}` }), ALONE],
    [
      'the cookie of another port',
      () => ({ cookie: session.cookie.replace('8123', '5173'), [PAGE_SHARE]: share() }),
      MISSING,
    ],
  ])('is refused: %s', async (_name, headers, message) => {
    expect(await answer(headers())).toEqual([401, message]);
  });

  it.each<[string, () => string]>([
    ['the cookie’s value', cookieValue],
    ['the page’s share', share],
  ])('makes no token of %s, at the API or at the proxy', async (_name, created) => {
    for (const credential of [created(), `tvs_${created()}`]) {
      expect((await app.api('GET', 'auth/me', { token: credential })).status).toBe(401);
      for (const [name, value] of [
        ['x-api-key', credential],
        ['authorization', `Bearer ${credential}`],
      ] as const)
        expect((await fetch(`${app.proxyUrl}/v1/models`, { headers: { [name]: value } })).status).toBe(401);
    }
  });

  it('is nothing to the proxy, also with the share', async () => {
    expect((await fetch(`${app.proxyUrl}/v1/models`, { headers: session.headers })).status).toBe(401);
  });

  it('can’t be sent with a share by a page of another origin: nothing is granted to its preflight', async () => {
    const response = await app.api('OPTIONS', 'auth/me', {
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'GET',
        'access-control-request-headers': PAGE_SHARE,
      },
    });
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('is taken back at sign-out, and its share opens nothing any more', async () => {
    const { headers } = await signInAsPage(app);
    const response = await app.api('POST', 'auth/logout', { headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^tracevault_session_8123=; Path=\/; Expires=Thu, 01 Jan 1970/,
    );
    expect(await answer(headers)).toEqual([401, UNKNOWN]);
  });

  it('of an earlier version, with the whole token, is ignored, and removed at sign-in and sign-out', async () => {
    const old = { cookie: `tracevault_session=${session.token}` };
    expect(await answer(old)).toEqual([401, MISSING]);
    const again = await signInAsPage(app, old);
    const removed = expect.stringMatching(/^tracevault_session=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(again.setCookies).toContainEqual(removed);
    expect(session.setCookies).not.toContainEqual(removed);
    const headers = { ...again.headers, cookie: `${again.cookie}; ${old.cookie}` };
    const out = await app.api('POST', 'auth/logout', { headers });
    expect(out.headers.getSetCookie()).toContainEqual(removed);
  });
});
