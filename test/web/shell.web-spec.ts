import { Browser } from 'playwright-core';
import { MembershipEntity } from '../../src/orgs/membership.entity';
import { OrgEntity } from '../../src/orgs/org.entity';
import { TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

/** The maximum size of all scripts that a page loads at first, as they are sent, in bytes. */
const FIRST_SCRIPTS = 120 * 1024;

describe('the frame around the pages', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    visitor = await Visitor.come(browser, app.url);
    await visitor.signUp();
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const heading = (name: string) => page().getByRole('heading', { level: 1, name });
  const focused = () => page().locator(':focus');
  /** Marks the document, to tell whether another one was loaded since. */
  const mark = () => page().evaluate('void (globalThis.isSameDocument = true)');
  const isSameDocument = () => page().evaluate<boolean>('globalThis.isSameDocument === true');

  it('changes the page without loading the document; the heading has the focus, and the title says where one is', async () => {
    await mark();
    await visitor.open('Tokens');
    await heading('Tokens').and(focused()).waitFor();
    expect(await page().title()).toBe('Tokens · TraceVault');
    expect(new URL(page().url()).pathname).toBe('/me/tokens/');
    await page().goBack();
    await heading('Keys').and(focused()).waitFor();
    await page().goForward();
    await heading('Tokens').and(focused()).waitFor();
    expect(await isSameDocument()).toBe(true);
    await visitor.isAccessible();
  });

  it('leaves links to the browser that are not to pages, or for another tab', async () => {
    const explorer = page().getByRole('link', { name: 'API explorer' });
    expect(await explorer.getAttribute('href')).toBe('/api/docs');
    const [tab] = await Promise.all([
      visitor.context.waitForEvent('page'),
      page()
        .getByRole('link', { name: 'Members' })
        .click({ modifiers: ['ControlOrMeta'] }),
    ]);
    await tab.getByRole('heading', { name: /^Members of/ }).waitFor();
    await tab.close();
    await heading('Tokens').waitFor();
    await explorer.click();
    await page().waitForURL('**/api/docs');
    visitor.complaints.length = 0;
    await page().goBack();
    await heading('Tokens').waitFor();
  });

  it('leads to what there is to read, for who is signed in and for who is not, without the internet', async () => {
    await page().getByRole('link', { name: 'Documentation' }).click();
    await heading('Documentation').and(focused()).waitFor();
    await page().getByText('docs/operations.md').waitFor();
    for (const width of [320, 1280]) {
      await page().setViewportSize({ width, height: 800 });
      await visitor.isAccessible();
      await visitor.fits();
    }
    await page().getByRole('main').getByRole('link', { name: 'Agents' }).click();
    await heading('Connect an agent').waitFor();
    const stranger = await Visitor.come(browser, app.url);
    try {
      await stranger.page.goto('/sign-in');
      await stranger.page.getByRole('link', { name: 'Documentation' }).click();
      await stranger.page.getByRole('heading', { name: 'With its source' }).waitFor();
      await stranger.isAccessible();
      await stranger.fits();
    } finally {
      await stranger.leave();
    }
  });

  it('goes back to where one had scrolled to, once the page is long enough', async () => {
    const { token } = await session();
    for (let count = 0; count < 48; count++)
      await app.api('POST', 'me/proxy-tokens', {
        token,
        body: { name: `token ${count}`, expires_in_days: 30 },
      });
    await page().goto('/me/tokens/');
    await page().getByText('token 47', { exact: true }).waitFor();
    await page().evaluate('scrollTo(0, 800)');
    await visitor.open('Members');
    await heading('Members of acme').waitFor();
    expect(await page().evaluate('scrollY')).toBe(0);
    await page().goBack();
    // Not by waitForFunction(), which the policy of the pages refuses when it has to look more than once.
    await page().evaluate(
      'new Promise((arrived) => (function look() { scrollY === 800 ? arrived() : requestAnimationFrame(look); })())',
    );
  });

  it('asks for a page’s data before the page’s script and the profile are there', async () => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    await page().route(/auth\/me$|\/assets\/SessionsPage-.*\.js$/, async (route) => {
      await answered;
      await route.continue();
    });
    let asked = 0;
    page().on('request', (request) => (asked += Number(request.url().endsWith('/api/v1/auth/sessions'))));
    await Promise.all([
      page().waitForRequest('**/api/v1/auth/sessions'),
      page().goto('/me/sessions/', { waitUntil: 'commit' }),
    ]);
    answer();
    await page().getByText('This browser').waitFor();
    expect(asked).toBe(1);
    await page().unroute(/auth\/me$|\/assets\/SessionsPage-.*\.js$/);
  });

  it('loads at most 120 KiB of script for a page, compressed', async () => {
    for (const path of ['/sign-in', '/me/overview/']) {
      const other = path === '/sign-in' ? await Visitor.come(browser, app.url) : visitor;
      const sizes: Promise<number>[] = [];
      other.page.on('response', (response) => {
        // A copy that the server says is still good has no encoding and no size.
        if (response.request().resourceType() !== 'script' || response.status() !== 200) return;
        expect(response.headers()['content-encoding']).toBe('br');
        sizes.push(Promise.resolve(Number(response.headers()['content-length'])));
      });
      await other.page.goto(path, { waitUntil: 'networkidle' });
      const sum = (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
      expect(sum).toBeGreaterThan(20_000);
      expect(sum).toBeLessThan(FIRST_SCRIPTS);
      if (other !== visitor) await other.leave();
      else other.page.removeAllListeners('response');
    }
  });

  it('has the person’s menu behind the avatar, by keyboard too', async () => {
    const { keyboard } = page();
    await page().goto('/me/tokens/');
    const menu = page().getByRole('button', { name: 'Your menu: ada@example.com' });
    await menu.focus();
    await keyboard.press('Enter');
    await page().getByRole('menuitem', { name: 'Account' }).and(focused()).waitFor();
    await visitor.isAccessible();
    await keyboard.press('Escape');
    await menu.and(focused()).waitFor();
    await keyboard.press('Enter');
    await page().getByRole('menuitem', { name: 'Account' }).and(focused()).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await heading('Sign-in sessions').and(focused()).waitFor();
  });

  it('is light or dark as it was chosen, also after a reload, and as the system says otherwise', async () => {
    const background = () => page().evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await page().emulateMedia({ colorScheme: 'light' });
    const light = await background();
    const choose = async (name: string) => {
      await page()
        .getByRole('button', { name: /^Your menu/ })
        .click();
      await page().getByRole('menuitemradio', { name }).click();
      await page().keyboard.press('Escape');
    };
    await choose('Dark');
    expect(await background()).not.toBe(light);
    await page().reload();
    await heading('Sign-in sessions').waitFor();
    expect(await background()).not.toBe(light);
    await choose('As the system');
    expect(await background()).toBe(light);
    expect(await page().evaluate("localStorage.getItem('tracevault.appearance')")).toBeNull();
  });

  it('has the navigation in a drawer on a phone, which holds the focus and closes', async () => {
    await page().setViewportSize({ width: 320, height: 640 });
    const opener = page().getByRole('button', { name: 'Open the navigation' });
    await opener.click();
    await page().getByRole('dialog').getByRole('link', { name: 'Tokens' }).waitFor();
    await visitor.isAccessible();
    await visitor.fits();
    await page().keyboard.press('Escape');
    await opener.and(focused()).waitFor();
    expect(await page().getByRole('dialog').count()).toBe(0);
    await visitor.open('Tokens');
    await heading('Tokens').and(focused()).waitFor();
    expect(await page().getByRole('dialog').count()).toBe(0);
    await visitor.fits();
    await page().setViewportSize({ width: 1100, height: 900 });
  });

  it('switches between organizations by their names, on the page where one is', async () => {
    const [person] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM users');
    const { id: orgId } = await app.dataSource
      .getRepository(OrgEntity)
      .save({ name: 'uber', displayName: 'אורן טכנולוגיות בע״מ' });
    await app.dataSource.getRepository(MembershipEntity).insert({ userId: person!.id, orgId, role: 'owner' });
    await page().goto('/orgs/acme/api-keys/');
    await heading('API keys of acme').waitFor();
    await visitor.switchTo('אורן טכנולוגיות בע״מ');
    await page().waitForURL('**/orgs/uber/api-keys/');
    await heading('API keys of אורן טכנולוגיות בע״מ').waitFor();
    const me = await app.api('GET', 'auth/me', { token: (await session()).token });
    expect(await me.json()).toMatchObject({ current_org: 'uber' });
    await visitor.isAccessible();
    await page().goto('/orgs/acme/members/'); // a link to the other one
    await page().getByRole('button', { name: 'Organization: acme' }).waitFor();
  });

  it('says while the server can’t be reached, and no longer when it is back', async () => {
    await page().goto('/me/tokens/');
    await page().getByText('token 11', { exact: true }).waitFor();
    await visitor.context.setOffline(true);
    await page().getByRole('button', { name: 'Create a token' }).click();
    await page().getByRole('button', { name: 'Create token' }).click();
    const bar = page().getByText('No connection to the server. Trying again…');
    await bar.waitFor();
    await visitor.isAccessible();
    await visitor.context.setOffline(false);
    await bar.waitFor({ state: 'detached' });
  });

  it('says to whoever is not signed in what TraceVault is', async () => {
    const stranger = await Visitor.come(browser, app.url);
    await stranger.page.goto('/');
    await stranger.page.waitForURL('**/sign-in*');
    await stranger.page.getByRole('complementary', { name: 'What TraceVault is' }).waitFor();
    await stranger.isAccessible();
    await stranger.leave();
  });

  async function session(): Promise<{ token: string }> {
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    return (await (await app.api('POST', 'auth/login', { body })).json()) as { token: string };
  }
});
