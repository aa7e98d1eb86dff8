import { Browser, Page } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const PASSWORD = 'correct horse battery';

describe('an invite that is handed over as a link', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    owner = await app.signUp(null);
  });
  beforeEach(async () => {
    visitor = await Visitor.come(browser, app.url);
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const invite = async (body: object = { role: 'developer' }): Promise<string> => {
    const created = await app.api('POST', `orgs/${owner.org}/invites`, { token: owner.token, body });
    return ((await created.json()) as { code: string }).code;
  };
  const linkOf = (code: string) => `${app.url}/sign-up#invite=${code}`;
  const codeField = () => page().getByLabel('Invite code');
  /** Nor in what the browser goes back to, nor in what was asked of the server. */
  async function hasNoCodeInAddress(shown: Page, code: string): Promise<void> {
    expect(shown.url()).not.toContain('tvi_');
    expect(visitor.requests.map((url) => url.split('#')[0]).join()).not.toContain(code);
    expect(app.log).not.toContain(code);
    expect(await shown.evaluate('[localStorage.length, sessionStorage.length]')).toEqual([
      expect.any(Number),
      0,
    ]);
    expect(JSON.stringify(await shown.evaluate('({ ...localStorage })'))).not.toContain(code);
  }

  it('fills the form of who signs up, and is gone from the address bar and the history', async () => {
    const code = await invite();
    await page().goto('/sign-in');
    await page().goto(linkOf(code));
    await codeField().waitFor();
    expect(await codeField().inputValue()).toBe(code);
    expect(page().url()).toBe(`${app.url}/sign-up`);
    await visitor.isAccessible();
    await page().goBack();
    await page().goForward();
    await page().getByLabel('Organization').waitFor();
    expect([page().url(), await page().content()]).toEqual([
      `${app.url}/sign-up`,
      expect.not.stringContaining(code),
    ]);
    await page().goto(linkOf(code));
    await codeField().waitFor();
    await visitor.fillSignUp('grace@example.com', PASSWORD, 'Invite code', code);
    await page().waitForURL('**/me/overview/');
    await hasNoCodeInAddress(page(), code);
  });

  it('fills the form also when the page stands open already', async () => {
    const code = await invite();
    await page().goto('/sign-up');
    await page().getByLabel('Organization').waitFor();
    await page().evaluate(`location.hash = 'invite=${code}'`);
    await codeField().waitFor();
    expect([page().url(), await codeField().inputValue()]).toEqual([`${app.url}/sign-up`, code]);
    await hasNoCodeInAddress(page(), code);
  });

  it('leads who is signed in to their account page, whose form is filled', async () => {
    const person = await app.signUp(null);
    const code = await invite();
    const rename = { token: owner.token, body: { display_name: 'Acme Inc.' } };
    await app.api('PATCH', `orgs/${owner.org}`, rename);
    await page().goto('/sign-in');
    await visitor.signIn(person.email, person.password);
    await page().waitForURL('**/me/overview/');
    await page().goto(linkOf(code));
    await page().waitForURL('**/me/account/');
    expect(await codeField().inputValue()).toBe(code);
    await page().getByRole('button', { name: 'Join', exact: true }).and(page().locator(':focus')).waitFor();
    await visitor.isAccessible();
    await page().keyboard.press('Enter');
    await page().getByText('You are in Acme Inc. now, as developer.').waitFor();
    await hasNoCodeInAddress(page(), code);
  });

  it('leads who has an account through signing in, and is not asked for again', async () => {
    const person = await app.signUp(null);
    const code = await invite();
    await page().goto(linkOf(code));
    await page().getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await page().waitForURL('**/sign-in?return=*');
    await page().getByText('Your invite is kept').waitFor();
    expect(page().url()).not.toContain('tvi_');
    await visitor.isAccessible();
    await visitor.signIn(person.email, person.password);
    await page().waitForURL('**/me/account/');
    expect(await codeField().inputValue()).toBe(code);
    await hasNoCodeInAddress(page(), code);
  });

  it('goes on from signing in to signing up as well', async () => {
    const code = await invite();
    await page().goto(`/sign-in?return=/me/account/#invite=${code}`);
    await page().getByText('Your invite is kept').waitFor();
    await page().getByRole('main').getByRole('link', { name: 'Sign up' }).click();
    await codeField().waitFor();
    expect(await codeField().inputValue()).toBe(code);
    await hasNoCodeInAddress(page(), code);
  });

  it('is found in whatever is pasted, and the field then shows the code alone', async () => {
    const code = await invite();
    const mail = `Hi,\nSign up: ${app.url}/sign-up\nInvite code: \u201c${code.slice(0, 30)}\u200b${code.slice(30)}\u201d\nSee you`;
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page().goto('/sign-up');
    await page().getByRole('button', { name: 'I have an invite' }).click();
    await page().evaluate(`navigator.clipboard.writeText(${JSON.stringify(mail)})`);
    await codeField().press('ControlOrMeta+V');
    expect(await codeField().inputValue()).toBe(code);
    await codeField().fill(`  <${linkOf(code)}>. `); // typed or filled in another way: found when it is sent
    await page().getByLabel('Email').fill('mia@example.com');
    await page().getByLabel('Password').fill(PASSWORD);
    await page().getByRole('button', { name: 'Sign up' }).click();
    await page().waitForURL('**/me/overview/');
  });
});
