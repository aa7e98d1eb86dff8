import { Browser } from 'playwright-core';
import { SessionEntity } from '../../src/auth/session.entity';
import { TestApp } from '../support/app';
import { freePort } from '../support/process';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

describe('when something is not as it should be', () => {
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
  const button = (name: string) => page().getByRole('button', { name });
  const field = (name: string) => page().getByRole('textbox', { name });
  const endAllSessions = () => app.dataSource.getRepository(SessionEntity).clear();

  it('a revoked session leads to sign in and back to the page', async () => {
    await endAllSessions();
    await page().goto('/me/sessions/');
    await page().waitForURL('**/sign-in?return=%2Fme%2Fsessions%2F');
    await visitor.signIn(`person-${people}@example.com`);
    await page().waitForURL('**/me/sessions/');
    await page().getByText('This browser').waitFor();
  });

  it('signing in begins in its first field, shows what is typed on request, and says what to do without the password', async () => {
    await visitor.signOut();
    await page().getByLabel('Email').and(page().locator(':focus')).waitFor();
    const password = page().getByLabel('Password');
    await password.fill('typed');
    expect(await password.getAttribute('type')).toBe('password');
    await button('Show what is typed').click();
    expect(await password.getAttribute('type')).toBe('text');
    expect(await password.inputValue()).toBe('typed');
    await button('Hide what is typed').click();
    expect(await password.getAttribute('type')).toBe('password');
    await page().getByText('Forgot the password?').click();
    await page().getByText('this server sends no email').waitFor();
    await visitor.isAccessible();
  });

  it('a session that ends while the page is only looked at is said, too', async () => {
    await field('Anthropic key').fill('sk-ant-typed');
    await button('Save the key').click();
    await page().getByText('No request has come through with it yet').waitFor();
    await endAllSessions();
    await page().getByText('Your session has ended.').waitFor();
  });

  it('a key that is shown this once stays on the page, whatever else fails', async () => {
    await visitor.open('API keys');
    await page().getByText('There is no key yet.').waitFor();
    await page().route('**/api-keys', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    );
    await button('Create a key').click();
    await field('Name').fill('build server');
    await button('Create key').click();
    await page()
      .getByText(/^tvk_[0-9a-f]{64}$/)
      .waitFor();
    await button('I have copied it').click();
    await page().getByRole('row').filter({ hasText: 'build server' }).waitFor();
  });

  it('a session that ends under an open form leaves nothing of the person, and leads to sign in and back', async () => {
    await field('Anthropic key').fill('sk-ant-typed');
    await endAllSessions();
    await button('Save the key').click();
    await page().getByText('Your session has ended.').waitFor();
    await page().waitForURL('**/sign-in?return=%2Fme%2Fkeys%2F&ended');
    await visitor.isAccessible();
    await visitor.signIn(`person-${people}@example.com`);
    await page().waitForURL('**/me/keys/');
  });

  it('an unreachable server is named, nothing typed is lost, and it goes on when it is back', async () => {
    await field('Anthropic key').fill('sk-ant-typed');
    await visitor.context.setOffline(true);
    await button('Save the key').click();
    await page().getByRole('alert').getByText('TraceVault can’t be reached.').waitFor();
    expect(await field('Anthropic key').inputValue()).toBe('sk-ant-typed');
    await visitor.isAccessible();
    await visitor.context.setOffline(false);
    await button('Save the key').click();
    await page()
      .getByText(/^Stored /)
      .waitFor();
  });

  it('a page that could not be filled offers to try again', async () => {
    await page().route('**/api/v1/auth/sessions', (route) => route.abort());
    await page().goto('/me/sessions/');
    await page().getByText('TraceVault can’t be reached.').waitFor();
    await visitor.isAccessible();
    await page().unroute('**/api/v1/auth/sessions');
    await button('Try again').click();
    await page().getByText('This browser').waitFor();
  });

  it('a gateway’s own error page is not shown as it is', async () => {
    await page().route('**/api/v1/auth/me', (route) =>
      route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }),
    );
    await page().goto('/me/keys/');
    await page().getByText('Something between this page and TraceVault answered with 502.').waitFor();
    await visitor.isAccessible();
    await page().unroute('**/api/v1/auth/me');
    await button('Try again').click();
    await page().getByText('No key is stored yet').waitFor();
  });

  it('a slow answer says that it is waited for, and a second click does not send twice', async () => {
    let arrived = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (arrived = resolve));
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    let asked = 0;
    await page().route('**/api/v1/me/keys/anthropic*', async (route) => {
      if (route.request().method() === 'PUT') {
        asked += 1;
        arrived();
        await answered;
      }
      await route.continue();
    });
    await field('Anthropic key').fill('sk-ant-slow');
    await button('Save the key').click();
    await waiting;
    expect(await button('Checking…').isDisabled()).toBe(true);
    await visitor.isAccessible();
    answer();
    await page()
      .getByText(/^Stored /)
      .waitFor();
    expect(asked).toBe(1);
  });

  it('a page that loads for long says so', async () => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    await page().route('**/api/v1/auth/me', async (route) => {
      await answered;
      await route.continue();
    });
    await page().goto('/me/keys/');
    await page().getByRole('status').getByText('Loading…').waitFor();
    await visitor.isAccessible();
    answer();
    await page().getByText('No key is stored yet').waitFor();
  });

  it('another organization’s keys are refused in the server’s words', async () => {
    await page().goto('/orgs/nobody/api-keys/');
    await page().getByRole('alert').getByText('You are in no organization of this name.').waitFor();
    await visitor.isAccessible();
  });

  it('an address that is not there has a page that leads on', async () => {
    await page().goto('/me/nothing');
    await page().getByRole('heading', { name: 'There is no such page' }).waitFor();
    await visitor.isAccessible();
    await page().getByRole('link', { name: 'Go to the first page' }).click();
    await page().waitForURL('**/me/overview/');
  });

  it('revoking one’s own session signs out', async () => {
    await page().goto('/me/sessions/');
    await page()
      .getByRole('button', { name: /^Revoke this session/ })
      .click();
    await button('Revoke session').click();
    await page().waitForURL('**/sign-in');
  });

  it('after signing out, the way back shows nothing', async () => {
    await page().goto('/me/sessions/');
    await visitor.signOut();
    await page().goBack();
    await page().waitForURL('**/sign-in?return=*');
  });

  it.each([
    '//evil.example.com/',
    '/..//evil.example.com/',
    'https://evil.example.com/',
    'javascript:alert(1)',
  ])('signing in does not lead to %s', async (address) => {
    await visitor.context.clearCookies();
    await page().goto(`/sign-in?return=${encodeURIComponent(address)}`);
    await visitor.signIn(`person-${people}@example.com`);
    await page().waitForURL(`${app.url}/me/overview/`);
  });

  it('an email that is taken, and an organization that is, are said at their fields', async () => {
    const other = await Visitor.come(browser, app.url);
    const { page } = other;
    await page.goto('/sign-up');
    await page.getByRole('heading', { name: 'Sign up' }).waitFor();
    await page.getByLabel('Email').fill(`person-${people}@example.com`);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByLabel('Organization').fill('a new one');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('An account with this email exists already.').waitFor();
    expect(await page.getByLabel('Email').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Email').fill('new@example.com');
    await page.getByLabel('Organization').fill(`org ${people}`);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText(/The organization name .* is taken/).waitFor();
    expect(await page.getByLabel('Organization').getAttribute('aria-invalid')).toBe('true');
    await other.leave();
  });
});

describe('when the browser does not let the page copy', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('over plain http in a LAN: it is said, logged, and the text is selected to be copied by hand', async () => {
    const port = await freePort();
    const url = `http://lan.test:${port}`;
    const app = await TestApp.start({ port, env: { TRACEVAULT_PUBLIC_URL: url } });
    const visitor = await Visitor.come(browser, url);
    await visitor.signUp();
    await visitor.open('Agents');
    await visitor.page.getByRole('button', { name: 'Copy the base URL' }).click();
    await visitor.page.getByText('The browser did not let the page copy.').waitFor();
    expect(await visitor.page.evaluate('getSelection().toString()')).toBe(`${url}/proxy/anthropic`);
    // Beside what the browser itself says to an address that it does not trust.
    expect(visitor.complaints.filter((text) => !/Cross-Origin-Opener|origin-keyed/.test(text))).toEqual([
      expect.stringContaining('Copying failed'),
    ]);
    await visitor.isAccessible();
    visitor.complaints.length = 0;
    await visitor.leave();
    await app.close();
  });

  it('with the permission denied', async () => {
    const app = await startWebApp();
    const visitor = await Visitor.come(browser, app.url);
    await visitor.signUp();
    const devtools = await visitor.context.newCDPSession(visitor.page);
    const { targetInfo } = await devtools.send('Target.getTargetInfo');
    await devtools.send('Browser.setPermission', {
      ...(targetInfo.browserContextId !== undefined && { browserContextId: targetInfo.browserContextId }),
      permission: { name: 'clipboard-write' },
      setting: 'denied',
      origin: app.url,
    });
    await visitor.open('Agents');
    await visitor.page.getByRole('button', { name: 'Copy the base URL' }).click();
    await visitor.page.getByText('The browser did not let the page copy.').waitFor();
    visitor.complaints.length = 0;
    await visitor.leave();
    await app.close();
  });
});
