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
      await page().goto('/sign-in?return=/me/account/');
      await visitor.signIn(person.email, person.password);
      await page().getByRole('heading', { name: 'What happened' }).waitFor();
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
    async function isEmptied(): Promise<void> {
      await page().waitForURL('**/sign-in?return=%2Fme%2Faccount%2F&ended');
      await page()
        .getByText('Your session has ended. Sign in, and you come back to where you were.')
        .waitFor();
      await page().getByLabel('Password').waitFor();
      for (const data of [person.email, person.org]) expect(await page().content()).not.toContain(data);
    }
    async function signOut(): Promise<void> {
      await tab.goto('/me/proxy/');
      await tab.getByRole('button', { name: 'Sign out' }).click();
      await tab.waitForURL('**/sign-in');
    }
    /** In a tab that nobody is signed in at any more. */
    async function signInOther(): Promise<Person> {
      const other = await app.signUp(null);
      await tab.getByLabel('Email').fill(other.email);
      await tab.getByLabel('Password').fill(other.password);
      await tab.getByRole('button', { name: 'Sign in' }).click();
      await tab.waitForURL('**/me/proxy/');
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
        .getByRole('listitem')
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
      await page().goto('/me/proxy/');
      await page().getByRole('textbox', { name: 'Anthropic key' }).fill('sk-ant-of-the-first');
      await signOut();
      const { token, email } = await signInOther();
      await page().getByRole('button', { name: 'Save the key' }).click();
      await page().getByText(email).waitFor();
      await page().getByText('No key is stored yet').waitFor();
      const status = await app.api('GET', 'me/anthropic-key', { token });
      expect(await status.json()).toMatchObject({ configured: false });
      expect(await page().content()).not.toContain(person.email);
    });

    it('the page for addresses that are not there shows who is signed in now', async () => {
      await page().goto('/me/nothing');
      await page().getByText(person.email).waitFor();
      await signOut();
      if (!hasFeed) await isLookedAt();
      await page().getByRole('link', { name: 'Sign in' }).waitFor();
      expect(await page().content()).not.toContain(person.email);
    });
  },
);
