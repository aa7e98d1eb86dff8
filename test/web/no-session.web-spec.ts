import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { freePort } from '../support/process';
import { launchBrowser, Visitor } from './support/browser';

const PUBLIC_URL = 'https://vault.example.com';

/** A browser drops the cookie of a server behind TLS when the page was opened over http, and says so to nobody. */
describe('a page that was opened over http, of a server whose public URL is https', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://lan.test:${port}`;
    const env = { TRACEVAULT_PUBLIC_URL: PUBLIC_URL, TRACEVAULT_ALLOWED_HOSTS: 'lan.test' };
    [app, browser] = await Promise.all([TestApp.start({ port, env }), launchBrowser()]);
    person = await app.signUp(null);
  });
  beforeEach(async () => {
    visitor = await Visitor.come(browser, url);
  });
  afterEach(async () => {
    visitor.complaints.length = 0; // what the browser itself says to an address that it does not trust
    await visitor.leave();
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  async function isTold(done: string, path: string): Promise<void> {
    const notice = page().getByRole('alert').filter({ hasText: done });
    await notice.and(page().locator(':focus')).waitFor();
    await notice
      .getByText(`this server is meant to be used at ${PUBLIC_URL}, and you have opened it at ${url}.`)
      .waitFor();
    const link = page().getByRole('link', { name: `Sign in at ${PUBLIC_URL}` });
    expect(await link.getAttribute('href')).toBe(PUBLIC_URL + path);
    await visitor.isAccessible();
    expect(await page().content()).not.toMatch(/tvs_/);
  }
  const sessions = async (): Promise<number> =>
    ((await (await app.api('GET', 'auth/sessions', { token: person.token })).json()) as object[]).length;

  it('says after sign-in why nobody is signed in, and leads to where it can be done', async () => {
    const before = await sessions();
    await page().goto('/sign-in');
    await visitor.signIn(person.email, person.password);
    await isTold('Email and password are right.', '/sign-in?return=%2Fme%2Foverview%2F');
    expect(await sessions()).toBe(before); // the one that nobody holds is revoked
  });

  it('leads on to the approval of a login, which asked to sign in', async () => {
    await page().goto('/device?user_code=BCDF-GHJK');
    await page().waitForURL('**/sign-in?return=*');
    await visitor.signIn(person.email, person.password);
    await isTold('Email and password are right.', '/sign-in?return=%2Fdevice%3Fuser_code%3DBCDF-GHJK');
  });

  it('says after sign-up that the account is there', async () => {
    await page().goto('/sign-up');
    await visitor.fillSignUp('new@example.com', 'correct horse battery', 'Organization', 'a new one');
    await isTold('Your account is there.', '/sign-in');
  });

  it('says a wrong password as ever', async () => {
    await page().goto('/sign-in');
    await visitor.signIn(person.email, 'not the right one');
    await page().getByText('The email or the password is wrong.').waitFor();
  });
});
