import { Browser, Page } from 'playwright-core';
import { SessionEntity } from '../../src/auth/session.entity';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

/** Two tabs of one browser: what is done in the second one holds for the first. */
describe.each(['at once, as the other tab tells it', 'where no tab hears of another'])(
  'two tabs, %s',
  (how) => {
    const hasFeed = how.startsWith('at once');
    let app: TestApp;
    let browser: Browser;
    let visitor: Visitor;
    let person: Person;
    let tab: Page;

    beforeAll(async () => {
      [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    });
    beforeEach(async () => {
      person = await app.signUp(null);
      visitor = await Visitor.come(browser, app.url);
      if (!hasFeed)
        await visitor.context.addInitScript('BroadcastChannel.prototype.postMessage = () => undefined');
      await visitor.signInTo('/me/account/', person.email, person.password);
      await page().getByRole('region', { name: 'Activity' }).waitFor();
      tab = await visitor.context.newPage();
    });
    afterEach(async () => {
      await tab.close();
      await visitor.leave();
    });
    afterAll(async () => {
      await browser.close();
      await app.close();
    });

    const page = () => visitor.page;
    const isLookedAt = () => page().evaluate("window.dispatchEvent(new Event('focus'))"); // headless windows have none
    const isShown = (email: string) =>
      page()
        .getByRole('button', { name: `Your menu: ${email}` })
        .waitFor();
    async function isEmptied(): Promise<void> {
      await page().waitForURL('**/sign-in?return=%2Fme%2Faccount%2F&ended');
      await page()
        .getByText('Your session has ended. Sign in, and you come back to where you were.')
        .waitFor();
      await page().getByLabel('Password').waitFor();
      for (const data of [person.email, person.org]) expect(await page().content()).not.toContain(data);
    }
    async function signOut(): Promise<void> {
      await tab.goto('/me/keys/');
      await visitor.signOut(tab);
    }
    /** In a tab that nobody is signed in at any more. */
    async function signInOther(): Promise<Person> {
      const other = await app.signUp(null);
      await tab.getByLabel('Email').fill(other.email);
      await tab.getByLabel('Password').fill(other.password);
      await tab.getByRole('button', { name: 'Sign in' }).click();
      await tab.waitForURL('**/me/*/');
      await tab.goto('/me/keys/');
      await tab.getByText('No key is stored yet').waitFor();
      return other;
    }

    it('signing out in one empties the other', async () => {
      await signOut();
      if (!hasFeed) await isLookedAt();
      await isEmptied();
      await visitor.isAccessible();
      await visitor.signIn(person.email, person.password);
      await page().waitForURL('**/me/account/');
    });

    it('a session that was revoked elsewhere empties a page with its next answer', async () => {
      await page().getByLabel('Current password').fill(person.password);
      await page().getByLabel('New password').fill('a new pass word');
      await app.dataSource.getRepository(SessionEntity).delete({ userId: person.userId });
      await page().getByRole('button', { name: 'Change the password' }).click();
      await isEmptied();
    });

    it('revoking the session on its page in one empties the other', async () => {
      await tab.goto('/me/sessions/');
      await tab
        .getByRole('row')
        .filter({ hasText: 'This browser' })
        .getByRole('button', { name: /^Revoke this session/ })
        .click();
      await tab.getByRole('button', { name: 'Revoke session' }).click();
      await tab.waitForURL('**/sign-in');
      if (!hasFeed) await isLookedAt();
      await isEmptied();
    });

    it('where somebody else signs in, the other tab shows them and nothing of who was there', async () => {
      await signOut();
      if (hasFeed) await isEmptied();
      const other = await signInOther();
      if (!hasFeed) {
        await isLookedAt();
        await page().getByRole('main').getByText(other.email).first().waitFor();
      }
      expect(await page().content()).not.toContain(person.email);
    });

    it('what was typed for one is not stored for another who signed in since', async () => {
      if (hasFeed) return; // it is gone by then
      await page().goto('/me/keys/');
      await page().getByRole('textbox', { name: 'Anthropic key' }).fill('sk-ant-of-the-first');
      await signOut();
      const { token, email } = await signInOther();
      await page().getByRole('button', { name: 'Save the key' }).click();
      await isShown(email);
      await page().getByText('No key is stored yet').waitFor();
      const status = await app.api('GET', 'me/anthropic-key', { token });
      expect(await status.json()).toMatchObject({ configured: false });
      expect(await page().content()).not.toContain(person.email);
    });

    it('what was asked for before it was known who is signed in is not shown to another who signed in since', async () => {
      const name = 'token of the first';
      const body = { name, expires_in_days: 30 };
      expect((await app.api('POST', 'me/proxy-tokens', { token: person.token, body })).status).toBe(201);
      let goOn = (): void => undefined;
      const isHeld = new Promise<void>((resolve) => (goOn = resolve));
      await page().route('**/api/v1/auth/me', async (route) => {
        await isHeld;
        // The share of who is signed in now: over https there is none, and the cookie alone says who that is.
        const share = await page().evaluate<string>("localStorage.getItem('tracevault.page-share')");
        await route.continue({
          headers: { ...route.request().headers(), 'x-tracevault-page-share': share },
        });
      });
      const [early] = await Promise.all([
        page().waitForResponse('**/api/v1/me/proxy-tokens'),
        page().goto('/me/tokens/', { waitUntil: 'commit' }),
      ]);
      expect(early.status()).toBe(200);
      await signOut();
      const other = await signInOther();
      await page().evaluate(
        `globalThis.names = []; new MutationObserver(() => names.push(document.body.innerText.includes('${name}')))
           .observe(document.body, { childList: true, subtree: true })`,
      );
      goOn();
      await page().getByRole('main').getByText('You have none yet').waitFor();
      await isShown(other.email);
      expect(await page().evaluate('names.length > 0 && !names.includes(true)')).toBe(true);
    });

    it('the page for addresses that are not there shows who is signed in now', async () => {
      await page().goto('/me/nothing');
      await isShown(person.email);
      await signOut();
      if (!hasFeed) await isLookedAt();
      await page().getByRole('link', { name: 'Sign in' }).waitFor();
      expect(await page().content()).not.toContain(person.email);
    });
  },
);
