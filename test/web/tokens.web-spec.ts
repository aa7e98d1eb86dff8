import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const DAY_MS = 86_400_000;

describe('the page of one’s proxy tokens', () => {
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
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await visitor.page.goto('/sign-in?return=/me/tokens/');
    await visitor.signIn(person.email, person.password);
    await visitor.page.waitForURL('**/me/tokens/');
    await page().getByText('You have none yet').waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const row = (name: string) => page().getByRole('listitem').filter({ hasText: name });
  const call = async (token: string, client = 'node') =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token, 'user-agent': client } }))
      .status;
  const copied = () => page().evaluate<string>('navigator.clipboard.readText()');

  async function make(name: string, life = '90 days'): Promise<string> {
    await page().getByLabel('Name of the token').fill(name);
    await page().getByLabel('Lasts').selectOption(life);
    const answer = page().waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/me/proxy-tokens'),
    );
    await page()
      .getByRole('button', { name: /^Create a(nother| token)$/ })
      .click();
    const { token } = (await (await answer).json()) as { token: string };
    await page().getByText(`“${name}” is created`).waitFor();
    await page().getByLabel('Lines for Claude Code').filter({ hasText: token }).waitFor();
    return token;
  }

  it('a token is created, stands in the list and, this once, in lines that are copied whole', async () => {
    await visitor.isAccessible();
    expect(await page().getByLabel('Name of the token').inputValue()).toMatch(
      /^Agents \(created in Chrome on (Linux|macOS|Windows)\)$/,
    );
    const token = await make('build server', 'A year');
    await row('build server').getByText('never').waitFor();
    const masked = `${token.slice(0, 8)}…${token.slice(-4)}`;
    await row('build server').getByText(masked, { exact: true }).waitFor();
    await visitor.isAccessible();
    await button('Copy the lines').click();
    await button('Copied the lines').waitFor();
    expect(await copied()).toContain(`ANTHROPIC_API_KEY=${token}`);
    expect(await call(token, 'claude-cli/2.1.330 (external, cli)')).toBe(200);
    await page().reload();
    await row('build server').getByText('claude-cli/2.1.330').waitFor();
    await row('build server').getByText(masked, { exact: true }).waitFor();
    expect(await page().content()).not.toContain(token);
    expect(
      await page().evaluate('JSON.stringify([localStorage, sessionStorage, location.href])'),
    ).not.toContain('tvp_');
    const [listed] = (await (await app.api('GET', 'me/proxy-tokens', { token: person.token })).json()) as {
      expires_at: string;
    }[];
    expect(Math.round((Date.parse(listed!.expires_at) - Date.now()) / DAY_MS)).toBe(365);
  });

  it('one is revoked after a question in its place; the others go on, and the lines of another stay', async () => {
    const [first, second] = [await make('one', 'Until I revoke it'), await make('two')];
    await row('one').getByText('you revoke it').waitFor();
    await page().getByRole('button', { name: 'Revoke this token: one' }).click();
    await page().getByText('Whatever uses it is refused at once').waitFor();
    await visitor.isAccessible();
    await page().keyboard.press('Escape');
    expect(await call(first)).toBe(200);
    await page().getByRole('button', { name: 'Revoke this token: one' }).click();
    await button('Revoke token').click();
    await page().getByText('“one” is revoked.').and(page().locator(':focus')).waitFor();
    expect([await call(first), await call(second)]).toEqual([401, 200]);
    expect(await row('one').count()).toBe(0);
    expect(await page().getByLabel('Lines for Claude Code').textContent()).toContain(second);
  });

  it('the one that stands in the lines is revoked, and goes from there; of two of one name each is told', async () => {
    const [first, second] = [await make('one'), await make('one')];
    expect(second).not.toBe(first);
    await page().getByRole('button', { name: 'Revoke this token: one' }).first().click();
    await button('Revoke token').click();
    await page().getByText('“one” is revoked.').waitFor();
    expect([await call(first), await call(second)]).toEqual([200, 401]);
    expect(await page().getByLabel('Lines for Claude Code').textContent()).toContain('tvp_…');
    expect(await page().getByText('stands in the lines below').count()).toBe(0);
    expect(await row('one').count()).toBe(1);
  });

  it('one that expires soon is said on the page of the key, too', async () => {
    await make('far off');
    await page().goto('/me/proxy/');
    await page().getByRole('heading', { name: 'Connect an agent' }).waitFor();
    expect(await page().getByText('within seven days').count()).toBe(0);
    await app.dataSource.query(
      `UPDATE proxy_tokens SET name = 'soon', expires_at = now() + interval '3 days' WHERE user_id = $1`,
      [person.userId],
    );
    await page().reload();
    await page().getByText('A proxy token expires within seven days: soon.').waitFor();
    await visitor.isAccessible();
    await page().getByRole('link', { name: 'Create another one' }).click();
    await page().waitForURL('**/me/tokens/');
  });

  it('one that is made while the list can’t be had is in it when it can', async () => {
    await page().route('**/api/v1/me/proxy-tokens', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    );
    await page().reload();
    await button('Try again').waitFor();
    const token = await make('one');
    await page().unroute('**/api/v1/me/proxy-tokens');
    await button('Try again').click();
    await row('one').waitFor();
    expect(await page().getByLabel('Lines for Claude Code').textContent()).toContain(token);
  });

  it('one is renamed in its place, and a refusal stands at its field', async () => {
    await make('one');
    await page().getByRole('button', { name: 'Rename: one' }).click();
    const field = page().getByLabel('New name');
    await field.and(page().locator(':focus')).waitFor();
    await field.fill(' ');
    await button('Rename').click();
    await visitor.isRefusedAt('New name', 'name must have 1 to 100 characters');
    await visitor.isAccessible();
    await field.fill('laptop <b>"two"</b>');
    await button('Rename').click();
    await row('laptop <b>"two"</b>').waitFor();
    await page()
      .getByRole('button', { name: 'Rename: laptop <b>"two"</b>' })
      .and(page().locator(':focus'))
      .waitFor();
    await page().keyboard.press('Enter');
    await button('Leave it').click();
    await row('laptop').waitFor();
  });

  it('what expires soon, and what has expired, is said', async () => {
    const tokens = { soon: 3.5, over: -1, 'far off': 30 };
    for (const [name, days] of Object.entries(tokens)) {
      await make(name);
      const ends = new Date(Date.now() + days * DAY_MS);
      await app.dataSource.query('UPDATE proxy_tokens SET expires_at = $1 WHERE name = $2 AND user_id = $3', [
        ends,
        name,
        person.userId,
      ]);
    }
    await page().reload();
    await row('soon').getByText('Expires in 3 days. Create another one').waitFor();
    await row('over').getByText('Expired: agents that use it are refused.').waitFor();
    expect(await row('far off').getByText('Expires in').count()).toBe(0);
    await visitor.isAccessible();
  });

  it('the limit and a bad name are said in the server’s words, and nothing typed is lost', async () => {
    await page().getByLabel('Name of the token').fill('x'.repeat(101));
    await button('Create a token').click();
    await visitor.isRefusedAt('Name of the token', 'name must have 1 to 100 characters');
    const body = { name: 'many' };
    for (let count = 0; count < 50; count++)
      await app.api('POST', 'me/proxy-tokens', { token: person.token, body });
    await page().getByLabel('Name of the token').fill('one more');
    await button('Create a token').click();
    await page()
      .getByText(/You have 50 proxy tokens, which is the limit\. Revoke one/)
      .waitFor();
    expect(await page().getByLabel('Name of the token').inputValue()).toBe('one more');
    await visitor.isAccessible();
  });
});
