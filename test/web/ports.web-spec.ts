import { IncomingMessage } from 'node:http';
import { Browser, Page } from 'playwright-core';
import { TestApp } from '../support/app';
import { PAGE_SHARE, signInAsPage } from '../support/page-session';
import { launchBrowser, Visitor } from './support/browser';
import { Neighbor } from './support/neighbor';
import { startWebApp } from './support/web-app';

/** Cookies know no ports, so a session over http has a second half that does. */
describe('a session in a browser, over http', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let people = 0;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    visitor = await Visitor.come(browser, app.url);
    people += 1;
    await visitor.signUp(`person-${people}@example.com`, 'correct horse battery', `org ${people}`);
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const stored = (of: Page = page()) => of.evaluate<Record<string, string>>('({ ...localStorage })');
  const isSignedIn = async (tab: Page) => {
    await tab.getByRole('heading', { level: 1 }).waitFor();
    await tab.getByRole('button', { name: `Your menu: person-${people}@example.com` }).waitFor();
  };
  const tryAt = async (path: string, headers: Record<string, string>) =>
    (await fetch(app.url + path, { headers })).status;

  describe('with another program’s server on the same host', () => {
    let neighbor: Neighbor;
    let tab: Page;

    beforeAll(async () => {
      neighbor = await Neighbor.start();
    });
    beforeEach(async () => {
      neighbor.setCookie = undefined;
      tab = await visitor.context.newPage();
      await tab.goto(neighbor.url);
    });
    afterEach(() => tab.close());
    afterAll(() => neighbor.close());

    it('its cookie goes there, and opens nothing', async () => {
      const { header, value } = neighbor.received(app.port);
      for (const path of ['/api/v1/auth/me', '/api/v1/me/anthropic-key', '/proxy/anthropic/v1/models']) {
        expect([path, await tryAt(path, { cookie: header })]).toEqual([path, 401]);
        for (const credential of [value, `tvs_${value}`]) {
          expect(await tryAt(path, { authorization: `Bearer ${credential}` })).toBe(401);
          expect(await tryAt(path, { 'x-api-key': credential })).toBe(401);
          expect(await tryAt(path, { cookie: header, [PAGE_SHARE]: value })).toBe(401);
        }
      }
      const [share] = Object.values(await stored());
      expect(await tryAt('/api/v1/auth/me', { cookie: header, [PAGE_SHARE]: share! })).toBe(200);
    });

    it('a page there reads no share, and can’t send one', async () => {
      expect(await stored(tab)).toEqual({});
      const [share] = Object.values(await stored());
      const path = '/api/v1/orgs/of-a-neighbor/members';
      const seen: object[] = [];
      app.server.on('request', ({ url, method, headers }: IncomingMessage) => {
        if (url === path) seen.push({ method, cookie: headers.cookie, share: headers[PAGE_SHARE] });
      });
      const call = (options: object) =>
        tab.evaluate(
          ([url, init]) => fetch(url, { credentials: 'include', ...init }).then(() => 'answered', String),
          [app.url + path, { ...options, headers: { [PAGE_SHARE]: share! } }] as const,
        );
      expect(await call({})).toMatch(/^TypeError/); // the preflight was granted nothing
      await call({ mode: 'no-cors' }); // goes out with the cookie, and without the header
      expect(await app.requestLine(path, 2)).toMatchObject({ method: 'GET', status: 401 });
      expect(seen).toEqual([
        { method: 'OPTIONS', cookie: undefined, share: undefined },
        {
          method: 'GET',
          cookie: expect.stringContaining(`tracevault_session_${app.port}=`),
          share: undefined,
        },
      ]);
    });

    it('a cookie that is set there signs nobody in as somebody else', async () => {
      const attacker = await signInAsPage(app);
      neighbor.setCookie = `tracevault_session_${app.port}=${attacker.cookie.split('=')[1]!}; Path=/; HttpOnly`;
      await tab.reload();
      await page().reload();
      await page().waitForURL('**/sign-in?return=*');
    });
  });

  it('goes on after a reload, and in another tab', async () => {
    await page().reload();
    await isSignedIn(page());
    const tab = await visitor.context.newPage();
    await tab.goto('/me/keys/');
    await isSignedIn(tab);
    await tab.close();
  });

  it('ends in every tab by signing out in one, and leaves nothing in the browser', async () => {
    const tab = await visitor.context.newPage();
    await tab.goto('/me/keys/');
    await isSignedIn(tab);
    await visitor.signOut(tab);
    expect(await stored(tab)).toEqual({});
    expect((await visitor.context.cookies()).filter(({ name }) => name.includes('session'))).toEqual([]);
    await page().getByText('Your session has ended.').waitFor();
    await page().waitForURL('**/sign-in?return=*');
    await tab.close();
  });

  it('leaves nothing in the storage when it is revoked on the page of the sessions', async () => {
    await page().goto('/me/sessions/');
    await page()
      .getByRole('button', { name: /^Revoke this session/ })
      .click();
    await page().getByRole('button', { name: 'Revoke session' }).click();
    await page().waitForURL('**/sign-in');
    expect(await stored()).toEqual({});
  });

  it('whose share was cleared leads to sign in, with words, and back', async () => {
    await page().evaluate('localStorage.clear()');
    await page().goto('/me/sessions/');
    await page().waitForURL('**/sign-in?return=%2Fme%2Fsessions%2F');
    await page().getByText('This browser no longer holds the page’s part of your session.').waitFor();
    await visitor.isAccessible();
    await visitor.signIn(`person-${people}@example.com`);
    await page().waitForURL('**/me/sessions/');
    await page().getByText('This browser').waitFor();
  });

  it('can’t begin where the storage is blocked, and the form says so', async () => {
    await visitor.context.clearCookies();
    await page().addInitScript(() =>
      Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new DOMException('Access is denied for this document.', 'SecurityError');
        },
      }),
    );
    await page().goto('/sign-in');
    await visitor.signIn(`person-${people}@example.com`);
    await page().getByRole('alert').getByText('Your browser does not let this page keep its part').waitFor();
    expect(new URL(page().url()).pathname).toBe('/sign-in');
    await visitor.isAccessible();
  });

  it('is left alone by another TraceVault on the same host', async () => {
    const other = await startWebApp();
    const tab = await visitor.context.newPage();
    const person = await other.signUp(null);
    await tab.goto(`${other.url}/sign-in`);
    await tab.getByLabel('Email').fill(person.email);
    await tab.getByLabel('Password').fill(person.password);
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByRole('button', { name: `Your menu: ${person.email}` }).waitFor();
    await page().reload();
    await isSignedIn(page());
    await visitor.signOut(tab);
    await page().reload();
    await isSignedIn(page());
    await tab.close();
    await other.close();
  });

  it('opens the explorer’s calls as well, and one that begins there opens the pages', async () => {
    await page().goto('/api/docs');
    const answers = async (method: string, path: string, body?: object) => {
      const operation = page()
        .locator('.opblock')
        .filter({ has: page().locator(`[data-path="${path}"]`) })
        .and(page().locator(`.opblock-${method}`));
      await operation.locator('.opblock-summary-control').click();
      await operation.getByRole('button', { name: 'Try it out' }).click();
      if (body !== undefined) await operation.getByRole('textbox').fill(JSON.stringify(body));
      await operation.getByRole('button', { name: 'Execute' }).click();
      return operation.locator('.live-responses-table tbody .response-col_status').first().innerText();
    };
    expect(await answers('get', '/api/v1/auth/me')).toMatch(/^200/);
    const before = await stored();
    const credentials = { email: `person-${people}@example.com`, password: 'correct horse battery' };
    expect(await answers('post', '/api/v1/auth/login', credentials)).toMatch(/^200/);
    expect(await stored()).not.toEqual(before);
    await page().goto('/me/keys/');
    await isSignedIn(page());
  });
});
