import { Browser } from 'playwright-core';
import { TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const PASSWORD = 'correct horse battery';

describe('who may sign up', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function start(registration: string): Promise<[TestApp, Visitor]> {
    const app = await startWebApp({ TRACEVAULT_REGISTRATION: registration });
    return [app, await Visitor.come(browser, app.url)];
  }

  it.each(['invite', 'closed'])('the first person, as on any server, also with %s', async (registration) => {
    const [app, visitor] = await start(registration);
    await visitor.page.goto('/');
    await visitor.page.getByRole('heading', { name: 'Welcome to TraceVault' }).waitFor();
    expect(await visitor.page.getByLabel('Invite code').count()).toBe(0);
    await visitor.signUp();
    await visitor.leave();
    await app.close();
  });

  it('nobody where it is closed, and the pages say so and whom to ask', async () => {
    const [app, visitor] = await start('closed');
    const owner = await app.signUp(null);
    const { page } = visitor;
    await page.goto('/sign-up');
    await page.getByText('This server takes no new people.').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    await visitor.isAccessible();
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await visitor.signIn(owner.email, owner.password);
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText('This server takes no new people, so no invite can be created.').waitFor();
    expect(await page.getByRole('button', { name: 'Create an invite' }).count()).toBe(0);
    await visitor.isAccessible();
    await visitor.leave();
    await app.close();
  });

  it('anybody where it is open: with an organization of their own, or with an invite', async () => {
    const [app, visitor] = await start('open');
    const owner = await app.signUp(null);
    const { page } = visitor;
    const invite = async (): Promise<string> => {
      const { token, org } = owner;
      const created = await app.api('POST', `orgs/${org}/invites`, { token, body: { role: 'developer' } });
      return ((await created.json()) as { code: string }).code;
    };
    await page.goto('/sign-up');
    await page.getByLabel('Organization').waitFor();
    await page.getByRole('button', { name: 'I have an invite' }).click();
    await page.getByLabel('Invite code').and(page.locator(':focus')).waitFor();
    expect(await page.getByLabel('Organization').count()).toBe(0);
    await visitor.isAccessible();
    await page.getByRole('button', { name: 'I have no invite' }).click();
    await page.getByLabel('Organization').and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'I have an invite' }).click();
    await visitor.fillSignUp('grace@example.com', PASSWORD, 'Invite code', await invite());
    await page.waitForURL('**/me/overview/');
    await page.goto('/me/account/');
    await page.getByText(/, as developer$/).waitFor();
    await visitor.leave();
    await app.close();
  });

  it('of two who are the first at one moment one is, and the other is asked for an invite', async () => {
    const [app, visitor] = await start('invite');
    const { page } = visitor;
    await page.goto('/sign-up');
    await page.getByLabel('Organization').waitFor();
    await app.signUp(null);
    await visitor.fillSignUp('late@example.com', PASSWORD, 'Organization', 'late');
    await page.getByRole('alert').getByText('This server takes new people by invite.').waitFor();
    await page.getByLabel('Invite code').waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe('late@example.com');
    await visitor.isAccessible();
    await visitor.leave();
    await app.close();
  });

  it('is not known while the server can’t be reached, which is said', async () => {
    const [app, visitor] = await start('open');
    const { page } = visitor;
    await page.route('**/api/v1/server', (route) => route.abort());
    await page.goto('/sign-up');
    await page.getByText('TraceVault can’t be reached.').waitFor();
    await visitor.isAccessible();
    await page.unroute('**/api/v1/server');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Organization').waitFor();
    await visitor.leave();
    await app.close();
  });
});
