import { Browser } from 'playwright-core';
import { SessionEntity } from '../../src/auth/session.entity';
import { UserEntity } from '../../src/auth/user.entity';
import { MembershipEntity } from '../../src/orgs/membership.entity';
import { OrgEntity } from '../../src/orgs/org.entity';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const PASSWORD = 'correct horse battery';
const GRACE = 'grace@example.com';
const KEY = 'sk-ant-api03-grace';

describe('from an invite to the end of access', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let boss: Visitor;
  let grace: Visitor;
  let code: string;
  let token: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp({ TRACEVAULT_REGISTRATION: 'invite' }), launchBrowser()]);
    owner = await app.signUp(null);
    boss = await Visitor.come(browser, app.url);
    await boss.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await boss.page.goto('/');
    await boss.signIn(owner.email, owner.password);
    await boss.page.waitForURL('**/me/overview/');
    grace = await Visitor.come(browser, app.url);
  });
  afterAll(async () => {
    await boss.leave();
    await grace.leave();
    await browser.close();
    await app.close();
  });

  const page = () => boss.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const row = (text: string) => page().getByRole('row').filter({ hasText: text });
  const roles = (visitor: Visitor) =>
    visitor.page.getByLabel('Role', { exact: true }).getByRole('option').allTextContents();
  const actions = async ({ page: one }: Visitor, of: string): Promise<string[]> => {
    await one.getByRole('button', { name: `Actions for ${of}`, exact: true }).click();
    const names = await one.getByRole('menuitem').allTextContents();
    await one.keyboard.press('Escape');
    return names.map((name) => name.trim());
  };
  const call = async () =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;

  it('an owner finds the page, with themselves on it and no invite', async () => {
    await boss.open('Members');
    await page().getByText('No invite is open.').waitFor();
    await row(owner.email).getByText('You').waitFor();
    expect(await actions(boss, owner.email)).toEqual(['Limits']);
    await boss.isAccessible();
    await button('Invite').click();
    expect(await roles(boss)).toEqual(['developer', 'auditor', 'admin', 'owner']);
    await boss.isAccessible();
  });

  it('an email that can’t be one is refused at its field', async () => {
    await page().getByLabel('Email (optional)').fill('grace');
    await button('Create an invite').click();
    await boss.isRefusedAt('Email (optional)', 'email must be an email');
    await boss.isAccessible();
  });

  it('an invite is created, and its link or its code is copied to hand over', async () => {
    await page().getByLabel('Role', { exact: true }).selectOption('admin');
    await page().getByLabel('Email (optional)').fill(GRACE);
    await button('Create an invite').click();
    await page().getByText('they are shown this once').waitFor();
    await boss.isAccessible();
    const copied: string[] = [];
    for (const what of ['the link', 'the code']) {
      await button(`Copy ${what}`).click();
      await button(`Copied ${what}`).waitFor();
      copied.push(await page().evaluate<string>('navigator.clipboard.readText()'));
    }
    code = copied[1]!;
    expect(code).toMatch(/^tvi_[0-9a-f]{64}$/);
    expect(copied[0]).toBe(`${app.url}/sign-up#invite=${code}`);
    await page().keyboard.press('Escape'); // a code that nobody can see again is not lost by a key
    await button('I have copied it').click();
    await page()
      .getByText(/^admin · expires/)
      .waitFor();
    await boss.isAccessible();
    await page().reload();
    await page()
      .getByText(/^admin · expires/)
      .waitFor();
    expect(await page().content()).not.toContain(code);
  });

  it('the form to sign up asks for the code in place of an organization, and refuses at its field', async () => {
    await grace.page.goto('/sign-up');
    await grace.page.getByText('This server takes new people by invite.').waitFor();
    expect(await grace.page.getByLabel('Organization').count()).toBe(0);
    await grace.fillSignUp(GRACE, PASSWORD, 'Invite code', `tvi_${'0'.repeat(64)}`);
    await grace.isRefusedAt('Invite code', /^This invite is unknown, used or withdrawn/);
    await grace.fillSignUp('mallory@example.com', PASSWORD, 'Invite code', code);
    await grace.isRefusedAt('Invite code', /^This invite is for another email address/);
    await grace.isAccessible();
    await grace.signUpWith(code, GRACE);
  });

  it('who joined as an admin looks after members, and neither makes nor ends an owner', async () => {
    await grace.open('Members');
    await grace.page.getByText('No invite is open.').waitFor();
    for (const email of [owner.email, GRACE]) expect(await actions(grace, email)).toEqual(['Limits']);
    await grace.page.getByRole('button', { name: 'Invite', exact: true }).click();
    expect(await roles(grace)).toEqual(['developer', 'admin']);
    await grace.page.keyboard.press('Escape');
  });

  it('they store a key and create a token, and their agent is let through', async () => {
    await grace.open('Keys');
    await grace.page.getByRole('textbox', { name: 'Anthropic key' }).fill(KEY);
    await grace.page.getByRole('button', { name: 'Save the key' }).click();
    await grace.page.getByText(/^Stored /).waitFor();
    await grace.open('Agents');
    await grace.page.getByRole('button', { name: 'Create token' }).click();
    await grace.page.getByText('is created and stands in the lines below').waitFor();
    token = /tvp_[0-9a-f]{64}/.exec(await grace.page.content())![0];
    await grace.open('Keys'); // the page that looks again by itself
    expect(await call()).toBe(200);
  });

  it('deactivating asks, says what happens, and Escape takes it back', async () => {
    await page().reload();
    await row(GRACE).getByText('Yes').waitFor(); // has a key
    await boss.choose('Deactivate', GRACE);
    await page()
      .getByText(
        /Their sessions and proxy tokens are revoked, and their agents stop at the next request\. Their stored key/,
      )
      .waitFor();
    await boss.isAccessible();
    await page().keyboard.press('Escape');
    await button(`Actions for ${GRACE}`).and(page().locator(':focus')).waitFor();
    expect(await call()).toBe(200);
  });

  it('a deactivated member’s agent, page and sign-in are refused', async () => {
    await boss.choose('Deactivate', GRACE);
    await button('Deactivate').click();
    await page().getByText(`${GRACE} is deactivated`).and(page().locator(':focus')).waitFor();
    await page()
      .getByText(/^Deactivated/)
      .first()
      .waitFor();
    await boss.isAccessible();
    expect(await call()).toBe(401);
    await grace.page.getByText('Your session has ended.').waitFor({ timeout: 30_000 }); // it looks every 20 seconds
    await grace.page.goto('/me/keys/');
    await grace.page.waitForURL('**/sign-in?return=*');
    await grace.signIn(GRACE, PASSWORD);
    await grace.page.getByRole('alert').getByText('This account was deactivated.').waitFor();
    await grace.isAccessible();
  });

  it('let in again, they sign in again: the key is still there, the old token stays refused', async () => {
    await boss.choose('Let in again', GRACE);
    await page().getByText(`${GRACE} can sign in again.`).and(page().locator(':focus')).waitFor();
    await row(GRACE)
      .getByText(/^Deactivated/)
      .waitFor({ state: 'detached' });
    await grace.signIn(GRACE, PASSWORD);
    await grace.page.getByText(/^Stored /).waitFor();
    expect(await call()).toBe(401);
    await grace.page.goto('/me/account/');
    await grace.page.getByText(`This account was deactivated, by ${owner.email}`).waitFor();
    await grace.page.getByText(`This account was let in again, by ${owner.email}`).waitFor();
  });

  it('somebody who is removed keeps their account, and is no longer in the list', async () => {
    await boss.choose('Remove from the organization', GRACE);
    await boss.isAccessible();
    await button('Remove').click();
    await page().getByText(`${GRACE} is no longer in`).and(page().locator(':focus')).waitFor();
    expect(await row(GRACE).count()).toBe(0);
    await grace.page.goto('/me/keys/');
    await grace.page.getByText(/^Stored /).waitFor();
  });

  it('an invite is withdrawn after a question', async () => {
    await button('Invite').click();
    await button('Create an invite').click();
    await button('I have copied it').click();
    expect(await page().content()).not.toMatch(/tvi_[0-9a-f]{64}/);
    await page().getByRole('button', { name: 'Withdraw the invite for whoever has the code' }).click();
    await boss.isAccessible();
    await button('Withdraw invite').click();
    await page()
      .getByText(/^The invite for .* is withdrawn\.$/)
      .waitFor();
    await page().getByText('No invite is open.').waitFor();
  });

  it('a code that is shown this once stays on the page when the lists can’t be asked for again', async () => {
    await page().route('**/invites', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    );
    await button('Invite').click();
    await button('Create an invite').click();
    await page().getByText('TraceVault can’t be reached.').waitFor();
    await page()
      .getByText(/^tvi_[0-9a-f]{64}$/)
      .waitFor();
    await page().unroute('**/invites');
  });

  it('a member of two organizations is refused to one of them, in the server’s words', async () => {
    const lin = await app.api('POST', `orgs/${owner.org}/invites`, {
      token: owner.token,
      body: { role: 'developer' },
    });
    const { code: invite } = (await lin.json()) as { code: string };
    const visitor = await Visitor.come(browser, app.url);
    await visitor.signUpWith(invite, 'lin@example.com');
    const { id: userId } = await app.dataSource
      .getRepository(UserEntity)
      .findOneByOrFail({ email: 'lin@example.com' });
    const { id: orgId } = await app.dataSource.getRepository(OrgEntity).save({ name: 'elsewhere' });
    await app.dataSource.getRepository(MembershipEntity).insert({ userId, orgId, role: 'developer' });
    await visitor.page.reload();
    expect(await visitor.page.getByRole('link', { name: 'Members' }).count()).toBe(0);
    await visitor.page.goto(`/orgs/${owner.org}/members/`);
    await visitor.page
      .getByRole('alert')
      .getByText(/^Only an owner, admin or auditor of the organization/)
      .waitFor();
    await visitor.isAccessible();
    await visitor.leave();
    await page().reload();
    await boss.choose('Deactivate', 'lin@example.com');
    await button('Deactivate').click();
    await page().getByRole('alert').getByText('They are in another organization as well').waitFor();
    await boss.isAccessible();
  });

  it('lists that can’t be loaded are said to be so, and loaded when the server is back', async () => {
    await page().route('**/members', (route) => route.abort());
    await page().reload();
    await page().getByText('TraceVault can’t be reached.').waitFor();
    await boss.isAccessible();
    await page().unroute('**/members');
    await button('Try again').click();
    await page().getByText('lin@example.com', { exact: true }).waitFor();
  });

  it('a session that has ended is said, and leads to sign in', async () => {
    await button('Invite').click();
    await page().getByLabel('Email (optional)').fill('kim@example.com');
    await app.dataSource.getRepository(SessionEntity).delete({ userId: owner.userId });
    await button('Create an invite').click();
    await page().getByText('Your session has ended.').waitFor();
    await page().waitForURL('**/sign-in?return=*');
    await boss.isAccessible();
  });

  it('no code is in the browser’s storage or in an address', async () => {
    expect(
      await page().evaluate('[Object.keys({ ...localStorage }), sessionStorage.length, document.cookie]'),
    ).toEqual([['tracevault.page-share'], 0, '']);
    expect(await page().evaluate("localStorage.getItem('tracevault.page-share')")).toMatch(/^[0-9a-f]{64}$/);
    for (const { requests } of [boss, grace])
      expect(requests.filter((url) => /tvi_|tvs_|password/.test(url))).toEqual([]);
  });
});
