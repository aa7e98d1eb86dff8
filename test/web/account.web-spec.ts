import { Browser } from 'playwright-core';
import { SessionEntity } from '../../src/auth/session.entity';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const NEW = 'another pass word';

describe('the page of one’s account', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    person = await app.signUp();
    visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo('/me/account/', person.email, person.password);
    await visitor.page.getByText('Signed in with the password').waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const field = (label: string) => page().getByLabel(label, { exact: true });
  const events = () =>
    page().getByRole('region', { name: 'Activity' }).getByRole('listitem').allTextContents();
  const call = async () =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } })).status;

  async function change(current: string, next: string): Promise<void> {
    await field('Current password').fill(current);
    await field('New password').fill(next);
    await button('Change the password').click();
  }

  it('says who one is and in which organizations', async () => {
    await page().getByRole('main').getByText(person.email).first().waitFor();
    await page()
      .getByText(/, as owner$/)
      .waitFor();
    expect(await field('Name').inputValue()).toBe('');
    await visitor.isAccessible();
  });

  it('refuses a password at its field, and nothing is changed', async () => {
    await change('not my password', NEW);
    await visitor.isRefusedAt(
      'Current password',
      'current_password is not your password. Nothing was changed.',
    );
    await field('Current password').and(page().locator(':focus')).waitFor();
    await change(person.password, 'short');
    await visitor.isRefusedAt('New password', 'new_password must have 10 to 128 characters');
    expect(await field('Current password').inputValue()).toBe(person.password);
    await visitor.isAccessible();
    expect(await call()).toBe(200);
  });

  it('changes the password: agents and other browsers are out, this browser goes on', async () => {
    const other = await Visitor.come(browser, app.url);
    await other.page.goto('/');
    await other.signIn(person.email, person.password);
    await other.page.waitForURL('**/me/overview/');
    await page().getByText('Changing it revokes all your other sessions').waitFor();
    await change(person.password, NEW);
    const said = page().getByText('The password is changed, and every other session is revoked.');
    await said.and(page().locator(':focus')).waitFor();
    expect([await field('Current password').inputValue(), await field('New password').inputValue()]).toEqual([
      '',
      '',
    ]);
    await page().getByText('Changed the password; all other sessions revoked').waitFor();
    await visitor.isAccessible();
    expect(await call()).toBe(401);
    // The page may have noticed by itself, and be on its way.
    await other.page.goto('/me/sessions/').catch(() => undefined);
    await other.page.waitForURL('**/sign-in?return=*');
    await other.signIn(person.email, person.password);
    await other.page.getByRole('alert').getByText('The email or the password is wrong.').waitFor();
    await other.signIn(person.email, NEW);
    await other.page.getByText('This browser').waitFor();
    await other.leave();
    await page().reload();
    await page().getByText('A sign-in failed: the password was wrong').waitFor();
  });

  it('tells what happened, the newest first, with the address and the client', async () => {
    await app.api('DELETE', 'me/anthropic-key', {
      token: person.token,
      headers: { 'user-agent': 'laptop/1.0' },
    });
    await page().reload();
    await page().getByText('Removed the key for Anthropic').waitFor();
    const told = await events();
    expect(told).toHaveLength(4);
    expect(told[0]).toMatch(/^Removed the key for Anthropic.* · 127\.0\.0\.1\s+· laptop\/1\.0/s);
    expect(told[1]).toMatch(/^Signed in with the password.* · Chrome on Linux/s);
    expect(told[3]).toMatch(/^Signed up/);
  });

  it('shows more of it, page by page, and offers no more at the end', async () => {
    for (let count = 1; count <= 39; count++) await app.storeKey(person.token, `sk-ant-${count}`);
    await page().reload(); // 39 and 3 events: two pages and two
    await button('Show more').waitFor();
    expect(await events()).toHaveLength(20);
    await page().route('**/me/audit-events*', (route) => route.abort());
    await button('Show more').click();
    await page().getByText('TraceVault can’t be reached.').waitFor();
    await visitor.isAccessible();
    await page().unroute('**/me/audit-events*');
    await button('Show more').click();
    const trail = page().getByRole('region', { name: 'Activity' });
    await trail.getByRole('listitem').nth(20).and(page().locator(':focus')).waitFor();
    await button('Show more').click();
    await page().getByText('Signed up').waitFor();
    expect(await events()).toHaveLength(42);
    expect(await button('Show more').count()).toBe(0);
    await visitor.isAccessible();
  });

  it('joins another organization by invite; the switcher has it at once', async () => {
    const other = await app.signUp(null);
    const created = await app.api('POST', `orgs/${other.org}/invites`, {
      token: other.token,
      body: { role: 'admin' },
    });
    const { code } = (await created.json()) as { code: string };
    await field('Invite code').fill('tvi_nothing');
    await button('Join').click();
    await visitor.isRefusedAt('Invite code', /^This invite is unknown/);
    await visitor.isAccessible();
    await field('Invite code').fill(code);
    await button('Join').click();
    const title = other.org.replace('-', ' '); // as people see it
    const said = page().getByText(`You are in ${title} now, as admin.`);
    await said.and(page().locator(':focus')).waitFor();
    expect(await field('Invite code').inputValue()).toBe('');
    await page().getByText('Joined an organization by invite, as admin').waitFor();
    await visitor.isAccessible();
    await visitor.switchTo(title);
    await visitor.open('Members');
    await page().getByText(other.email, { exact: true }).waitFor();
    expect(visitor.requests.filter((url) => /tvi_/.test(url))).toEqual([]);
  });

  it('a session that has ended is said, and nothing typed stays in the page', async () => {
    await field('Current password').fill(person.password);
    await field('New password').fill(NEW);
    await app.dataSource.getRepository(SessionEntity).delete({ userId: person.userId });
    await button('Change the password').click();
    await page().getByText('Your session has ended.').waitFor();
    expect(await field('New password').count()).toBe(0);
    await visitor.isAccessible();
  });

  it('an unreachable server is named at each part, which goes on when it is back', async () => {
    await page().route('**/me/audit-events*', (route) => route.abort());
    await page().reload();
    await page().getByText('TraceVault can’t be reached.').waitFor();
    await visitor.isAccessible();
    await page().unroute('**/me/audit-events*');
    await button('Try again').click();
    await page().getByText('Signed in with the password').waitFor();
  });
});
