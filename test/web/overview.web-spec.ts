import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { record } from './support/ledger';
import { startWebApp } from './support/web-app';

const DAY_MS = 86_400_000;

describe('the overview', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    person = await app.signUp(null);
    visitor = await Visitor.come(browser, app.url);
    await visitor.page.goto('/sign-in');
    await visitor.signIn(person.email, person.password);
    await page().waitForURL('**/me/overview/');
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const step = (title: string) => page().getByRole('listitem').filter({ hasText: title });

  it('leads to the first request in three steps, each ticked as it happens', async () => {
    await page().getByRole('heading', { name: 'Three steps to the first request' }).waitFor();
    await visitor.isAccessible();
    await page().getByRole('link', { name: 'Store a key' }).waitFor();
    await app.storeKey(person.token, 'sk-ant-one');
    await step('Store a key').getByText('(done)').waitFor();
    await page().getByRole('link', { name: 'Create a token' }).waitFor();
    const created = await app.api('POST', 'me/proxy-tokens', {
      token: person.token,
      body: { name: 'laptop' },
    });
    const { token } = (await created.json()) as { token: string };
    await step('Create a token').getByText('(done)').waitFor();
    await page().getByText('Waiting for the first request.').waitFor();
    await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
    await step('Connect your agent').getByText('(done)').waitFor();
    await page().getByRole('heading', { name: 'Your agent is connected' }).waitFor();
    await page().getByRole('table', { name: 'Last requests' }).getByText('200').waitFor();
    await visitor.isAccessible();
    await page().reload();
    await page().getByRole('heading', { name: 'Last requests' }).waitFor();
    expect(await page().getByRole('heading', { name: 'Your agent is connected' }).count()).toBe(0);
  });

  it('shows today against last week, the month by model, and the last requests, of which each opens', async () => {
    const [org] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM orgs WHERE name = $1', [
      person.org,
    ]);
    const own = { user_id: person.userId, org_id: org!.id };
    const now = Date.now();
    await record(app, [
      {
        ...own,
        id: `req_tv_now_${org!.id.slice(0, 8)}`,
        at: new Date(now - 1000).toISOString(),
        input_tokens: 100,
        cache_read_tokens: 300,
        cost_nano_usd: '3000000000',
      },
      {
        ...own,
        id: `req_tv_bad_${org!.id.slice(0, 8)}`,
        at: new Date(now - 2000).toISOString(),
        status: 529,
        usage_state: 'none',
      },
      {
        ...own,
        id: `req_tv_old_${org!.id.slice(0, 8)}`,
        at: new Date(now - 7 * DAY_MS - 1000).toISOString(),
        cost_nano_usd: '2000000000',
      },
    ]);
    await page().reload();
    const figure = (title: string) => page().locator('dl.figures > div').filter({ hasText: title });
    await figure('Spent today').getByText('$3.00').waitFor();
    await figure('Spent today')
      .getByText(/^\+50%, \$2\.00 by this time last \w+day$/)
      .waitFor();
    await figure('Cache hit rate').getByText('75%').waitFor();
    await figure('Error rate').getByText('1 of the last 3 requests').waitFor();
    await page().getByRole('figure', { name: 'Cost by day, in US dollars' }).waitFor();
    await visitor.isAccessible();
    await page()
      .getByRole('table', { name: 'Last requests' })
      .getByRole('row')
      .filter({ hasText: '529' })
      .getByRole('button')
      .click();
    await page()
      .getByRole('dialog', { name: 'Request' })
      .getByText('The provider answered with 529.')
      .waitFor();
    await page().waitForURL('**/me/requests/?call=*');
  });

  it('says what needs a look: a key that is refused, a token that expires soon, what has no price', async () => {
    await app.storeKey(person.token, 'sk-ant-one');
    await app.api('POST', 'me/proxy-tokens', {
      token: person.token,
      body: { name: 'laptop', expires_in_days: 3 },
    });
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    });
    await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': person.token },
      body: '{}',
    });
    await record(app, [
      {
        user_id: person.userId,
        id: `req_tv_unpriced_${person.userId.slice(0, 8)}`,
        model: 'home-grown',
        input_tokens: 5,
      },
    ]);
    await page().reload();
    const look = page().getByRole('region', { name: 'What needs a look' });
    await look.getByText('Anthropic refused your key at the last request.').waitFor();
    await look.getByText('The token “laptop” expires within seven days.').waitFor();
    await look.getByText('No price is known for home-grown').waitFor();
    for (const width of [320, 1280]) {
      await page().setViewportSize({ width, height: 800 });
      await visitor.isAccessible();
      await visitor.fits();
    }
    await look.getByRole('link', { name: 'Replace the key' }).click();
    await page().waitForURL('**/me/keys/');
  });
});
