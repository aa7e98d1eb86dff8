import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { record } from './support/ledger';
import { startWebApp } from './support/web-app';

const DAY_MS = 86_400_000;

interface Listed {
  id: string;
  name: string;
  expires_at: string;
}

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
    await visitor.signInTo('/me/tokens/', person.email, person.password);
    await page().getByText('You have none yet').waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const row = (name: string) => page().getByRole('row').filter({ hasText: name });
  const call = async (token: string, client = 'node') =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token, 'user-agent': client } }))
      .status;
  const copied = () => page().evaluate<string>('navigator.clipboard.readText()');
  const heldBy = async (): Promise<Listed[]> =>
    (await (await app.api('GET', 'me/proxy-tokens', { token: person.token })).json()) as Listed[];

  /** Creates one, and leaves it in the dialog that shows it. */
  async function show(name: string, life = 'In 90 days'): Promise<string> {
    await button('Create a token').click();
    await page().getByLabel('Name of the token').fill(name);
    await page().getByLabel('Expires').selectOption(life);
    await button('Create token').click();
    await page()
      .getByRole('dialog', { name: `“${name}” is created` })
      .waitFor();
    return (await page()
      .getByText(/^tvp_[0-9a-f]{64}$/)
      .textContent())!;
  }
  async function make(name: string, life?: string): Promise<string> {
    const token = await show(name, life);
    await button('I have copied it').click();
    await row(name).first().waitFor();
    return token;
  }

  it('a token is created in a dialog that shows it this once, with lines that are copied whole', async () => {
    await visitor.isAccessible();
    await button('Create a token').click();
    expect(await page().getByLabel('Name of the token').inputValue()).toMatch(
      /^Agents \(created in Chrome on (Linux|macOS|Windows)\)$/,
    );
    await visitor.isAccessible();
    await page().keyboard.press('Escape');
    await button('Create a token').and(page().locator(':focus')).waitFor();
    const token = await show('build server', 'In a year');
    await page().getByLabel('Lines for Claude Code').filter({ hasText: token }).waitFor();
    await visitor.isAccessible();
    await button('Copy the token').click();
    await button('Copied the token').waitFor();
    expect(await copied()).toBe(token);
    await button('Copy the lines').click();
    await button('Copied the lines').waitFor();
    expect(await copied()).toContain(`ANTHROPIC_API_KEY=${token}`);
    await page().keyboard.press('Escape');
    await page().keyboard.press('Escape'); // a token that nobody can see again is not lost by a key
    await page().getByText(token, { exact: true }).waitFor();
    await button('I have copied it').click();
    await row('build server').getByText('Never').waitFor();
    expect(await page().content()).not.toContain(token);
    expect(await call(token, 'claude-cli/2.1.330 (external, cli)')).toBe(200);
    await page().reload();
    await row('build server').getByText('Claude Code 2.1.330').waitFor();
    await row('build server')
      .getByText(`${token.slice(0, 8)}…${token.slice(-4)}`, { exact: true })
      .waitFor();
    await visitor.isAccessible();
    expect(
      await page().evaluate('JSON.stringify([localStorage, sessionStorage, location.href])'),
    ).not.toContain('tvp_');
    const [listed] = await heldBy();
    expect(Math.round((Date.parse(listed!.expires_at) - Date.now()) / DAY_MS)).toBe(365);
  });

  it('a browser that is about to leave a token behind that nobody can see again asks first', async () => {
    const asked: string[] = [];
    page().on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await page().reload();
    expect(asked).toEqual([]);
    await show('one');
    await page().reload();
    await row('one').waitFor();
    expect(asked).toEqual(['beforeunload']);
  });

  it('one is revoked after a question that names it; the others go on', async () => {
    const [first, second] = [await make('one', 'Never'), await make('two')];
    await row('one').getByText('Never', { exact: true }).first().waitFor();
    await visitor.choose('Revoke', 'one');
    const question = page().getByRole('dialog', { name: 'Revoke “one”' });
    await question.getByText('Whatever uses it is refused at once').waitFor();
    await button('Keep it').and(page().locator(':focus')).waitFor();
    await visitor.isAccessible();
    await page().keyboard.press('Escape');
    await button('Actions for one').and(page().locator(':focus')).waitFor();
    expect(await call(first)).toBe(200);
    await visitor.choose('Revoke', 'one');
    await button('Revoke token').click();
    await page().getByText('“one” is revoked.').and(page().locator(':focus')).waitFor();
    expect([await call(first), await call(second)]).toEqual([401, 200]);
    expect(await row('one').count()).toBe(0);
  });

  it('one is renamed, and a refusal stands at its field', async () => {
    await make('one');
    await visitor.choose('Rename', 'one');
    const field = page().getByLabel('New name');
    await field.and(page().locator(':focus')).waitFor();
    await field.fill(' ');
    await button('Rename').click();
    await visitor.isRefusedAt('New name', 'name must have 1 to 100 characters');
    await visitor.isAccessible();
    await field.fill('laptop <b>"two"</b>');
    await button('Rename').click();
    await row('laptop <b>"two"</b>').waitFor();
    await button('Actions for laptop <b>"two"</b>').and(page().locator(':focus')).waitFor();
    await visitor.choose('Rename', 'laptop <b>"two"</b>');
    await button('Cancel').click();
    await row('laptop').waitFor();
  });

  it('what each has spent in 30 days stands at its row, and says what it does not contain', async () => {
    await make('one');
    await make('two');
    const [two, one] = await heldBy();
    const call = { user_id: person.userId, proxy_token_id: one!.id };
    await record(app, [
      { ...call, id: `req_tv_a_${one!.id.slice(0, 8)}`, cost_nano_usd: '3120000000' },
      { ...call, id: `req_tv_b_${one!.id.slice(0, 8)}`, model: 'home-grown', cost_nano_usd: null },
    ]);
    await page().reload();
    await row('one').getByText('$3.12+').waitFor();
    await row('one').getByText('$3.12, with 1 unpriced request').waitFor({ state: 'attached' });
    await row('two').getByRole('cell', { name: '–' }).last().waitFor();
    expect(two!.name).toBe('two');
    await visitor.isAccessible();
  });

  it('one that expires soon is said where agents are connected, too', async () => {
    await make('far off');
    await visitor.open('Agents');
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
    await row('soon').getByText('in 3 days', { exact: true }).hover();
    await row('soon').getByText('Expires in 3 days. Create another one').waitFor();
    await page().mouse.move(0, 0); // what is shown lies over other rows
    await row('over').getByText('Expired', { exact: true }).hover();
    await row('over').getByText('Expired: agents that use it are refused.').waitFor();
    await row('far off')
      .getByText(/^in (29|30) days|in 4 weeks/)
      .waitFor();
    await visitor.isAccessible();
  });

  it('one that is made while the list can’t be had is in it when it can', async () => {
    await page().route('**/api/v1/me/proxy-tokens', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    );
    await page().reload();
    await button('Try again').waitFor();
    await show('one');
    await button('I have copied it').click();
    await page().unroute('**/api/v1/me/proxy-tokens');
    await button('Try again').click();
    await row('one').waitFor();
  });

  it('the limit and a bad name are said in the server’s words, and nothing typed is lost', async () => {
    await button('Create a token').click();
    await page().getByLabel('Name of the token').fill('x'.repeat(101));
    await button('Create token').click();
    await visitor.isRefusedAt('Name of the token', 'name must have 1 to 100 characters');
    const body = { name: 'many' };
    for (let count = 0; count < 50; count++)
      await app.api('POST', 'me/proxy-tokens', { token: person.token, body });
    await page().getByLabel('Name of the token').fill('one more');
    await button('Create token').click();
    await page()
      .getByText(/You have 50 proxy tokens, which is the limit\. Revoke one/)
      .waitFor();
    expect(await page().getByLabel('Name of the token').inputValue()).toBe('one more');
    await visitor.isAccessible();
  });
});
