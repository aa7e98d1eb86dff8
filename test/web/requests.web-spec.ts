import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { record, recordMany } from './support/ledger';
import { startWebApp } from './support/web-app';

const EVENTS = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      model: 'claude-opus-4-8',
      usage: { input_tokens: 1000, cache_read_input_tokens: 200_000, output_tokens: 1 },
    },
  },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1500 } },
  { type: 'message_stop' },
];
const STREAM = EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

describe('the page of requests', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;
  let orgId: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
    });
  });
  beforeEach(async () => {
    person = await app.signUp();
    const [org] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM orgs WHERE name = $1', [
      person.org,
    ]);
    orgId = org!.id;
    visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo('/me/requests/', person.email, person.password);
    await page().getByText('No request in this period').waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const rows = () => page().getByRole('table').locator('tbody tr');
  const hasRows = async (count: number) => {
    await rows()
      .nth(count - 1)
      .waitFor();
    await rows().nth(count).waitFor({ state: 'detached' });
  };
  const drawer = () => page().getByRole('dialog', { name: 'Request' });
  const call = async (model = 'claude-opus-4-8') =>
    (
      await fetch(`${app.proxyUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': person.token, 'user-agent': 'claude-cli/2.1.330 (external, cli)' },
        body: JSON.stringify({ model, stream: true, messages: [] }),
      })
    ).text();
  const own = () => ({ user_id: person.userId, org_id: orgId });

  it('a request shows up as it happens, and opens with its price line by line, which adds up', async () => {
    await visitor.isAccessible();
    await call();
    await rows().filter({ hasText: 'claude-opus-4-8' }).waitFor();
    await visitor.isAccessible();
    await rows().getByRole('button').click();
    const cost = drawer().getByRole('region', { name: 'The cost, line by line' });
    await cost.waitFor();
    const amounts = (await cost.locator('tbody tr td:last-child').allInnerTexts()).map((text) =>
      Number(text.slice(1)),
    );
    const total = Number((await cost.locator('tfoot td').innerText()).slice(1));
    expect(amounts).toHaveLength(3);
    expect(total).toBeGreaterThan(0);
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(total, 9);
    await cost.getByText('200,000').waitFor();
    await drawer().getByText('At all times').waitFor();
    await drawer()
      .getByText(/^https:\/\/\S+\/pricing$/)
      .waitFor();
    await drawer().getByText('Measured').waitFor();
    await visitor.isAccessible();
    const [row] = await app.calls(person);
    expect(new URL(page().url()).searchParams.get('call')).toBe(row!.id);
    await page().reload(); // the drawer is in the address
    await drawer().getByText(row!.id).waitFor();
    await page().keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    await page().waitForURL(({ search }) => search === '');
  });

  it('new rows wait while one is open or the page is scrolled, and come on top when they are asked for', async () => {
    await record(
      app,
      Array.from({ length: 45 }, (_, at) => ({
        ...own(),
        id: `req_tv_${person.userId.slice(0, 8)}_${at}`,
        at: new Date(Date.now() - 60_000 - at * 1000).toISOString(),
      })),
    );
    await hasRows(45);
    await page().evaluate('scrollTo(0, 400)');
    await page().getByText('Paused').waitFor();
    await call('gpt-new');
    await page().getByText('Paused · 1 new').waitFor();
    expect([await rows().count(), await page().evaluate('scrollY')]).toEqual([45, 400]);
    await page().getByRole('button', { name: 'Show them' }).click();
    await hasRows(46);
    await page().evaluate('scrollTo(0, 0)');
    await page().getByText('Live', { exact: true }).waitFor();
    await page().getByRole('button', { name: 'Pause' }).click();
    await record(app, [{ ...own(), id: `req_tv_${person.userId.slice(0, 8)}_later` }]);
    await page().getByText('Paused · 1 new').waitFor();
    await page().getByRole('button', { name: 'Follow' }).click();
    await hasRows(47);
  });

  it('filters are in the address, combine, and are taken away', async () => {
    await record(app, [
      {
        ...own(),
        id: `req_tv_a_${orgId.slice(0, 8)}`,
        model: 'one',
        agent_session_id: 'session-1',
        status: 529,
      },
      { ...own(), id: `req_tv_b_${orgId.slice(0, 8)}`, model: 'two', agent_session_id: 'session-1' },
      { ...own(), id: `req_tv_c_${orgId.slice(0, 8)}`, model: 'two', outcome: 'client_aborted' },
    ]);
    await page().reload();
    await rows().nth(2).waitFor();
    await page().getByLabel('Model', { exact: true }).selectOption('two');
    await hasRows(2);
    await page().getByLabel('Outcome').selectOption('Completed');
    await hasRows(1);
    await page().waitForURL(({ search }) => search === '?model=two&outcome=completed');
    await page().reload();
    await rows().getByRole('button').click();
    await drawer().getByRole('button', { name: 'Only this session' }).click();
    await page().getByRole('button', { name: 'Clear filters' }).waitFor();
    await page().getByLabel('Model', { exact: true }).selectOption('All models');
    await page().getByLabel('Outcome').selectOption('Any outcome');
    await hasRows(2);
    await rows().filter({ hasText: '529' }).waitFor();
    await visitor.isAccessible();
    await page().getByRole('button', { name: 'Clear filters' }).click();
    await hasRows(3);
    await page().getByLabel('Provider').waitFor();
    await page().goto('/me/requests/?model=nothing');
    await page().getByText('No request of this period matches the filters.').waitFor();
  });

  it('what is estimated, unreadable or unpriced is said, in the list and in the drawer', async () => {
    const states = {
      estimated: { usage_state: 'estimated', cost_nano_usd: '5000000' },
      unreadable: { usage_state: 'unreadable' },
      unpriced: { usage_state: 'measured', input_tokens: 10 },
    } as const;
    await record(
      app,
      Object.entries(states).map(([model, state]) => ({
        ...own(),
        id: `req_tv_${model}_${orgId.slice(0, 8)}`,
        model,
        ...state,
      })),
    );
    const said = {
      estimated: 'This is the least that was used.',
      unreadable: 'what it used and cost is not known',
      unpriced: 'No price is known for this model',
    };
    for (const [model, words] of Object.entries(said)) {
      const row = rows().filter({ has: page().getByRole('button', { name: model }) });
      await row.locator('td').last().getByText(model).waitFor();
      expect(await row.locator('td').last().innerText()).not.toMatch(/\$0\.00$|\$0\.00\D/);
      await row.getByRole('button').click();
      await drawer().getByText(words).waitFor();
      await visitor.isAccessible();
      await page().keyboard.press('Escape');
      await drawer().waitFor({ state: 'detached' });
    }
  });

  it('an owner sees those of all by person; a file has what the page shows', async () => {
    const member = await newMember(app, person.org, 'developer');
    await record(app, [
      { ...own(), id: `req_tv_mine_${orgId.slice(0, 8)}` },
      { user_id: member.userId, org_id: orgId, id: `req_tv_theirs_${orgId.slice(0, 8)}` },
    ]);
    await visitor.open('All requests');
    await hasRows(2);
    await page().getByLabel('Person').selectOption(member.email);
    await hasRows(1);
    await rows().filter({ hasText: member.email }).waitFor();
    await visitor.isAccessible();
    const [file] = await Promise.all([
      page().waitForEvent('download'),
      page().getByRole('button', { name: 'CSV' }).click(),
    ]);
    const text = Buffer.concat(await (await file.createReadStream()).toArray()).toString();
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    expect(text).toContain('req_tv_theirs');
    expect(text).not.toContain('req_tv_mine');
  });

  it('of 50,000 a page is shown at once, and more when they are asked for; long names fit at 320 px', async () => {
    await recordMany(app, person.userId, orgId, 50_000);
    const name = { ...own(), model: 'long-model-'.repeat(20), client: 'סוכן '.repeat(20) };
    await record(app, [{ ...name, id: `req_tv_long_${orgId.slice(0, 8)}` }]);
    await page().reload();
    await hasRows(50);
    await page().getByRole('button', { name: 'Load more' }).click();
    await hasRows(100);
    for (const width of [320, 1280]) {
      await page().setViewportSize({ width, height: 800 });
      await visitor.isAccessible();
      await visitor.fits();
    }
    await page().setViewportSize({ width: 320, height: 640 });
    await page().evaluate('scrollTo(0, 0)');
    await rows().first().getByRole('button').click();
    await drawer().getByText('long-model').first().waitFor();
    await visitor.isAccessible();
    await visitor.fits();
  });
});
