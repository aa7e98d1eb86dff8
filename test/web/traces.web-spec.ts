import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { record } from './support/ledger';
import { startWebApp } from './support/web-app';

const CLAUDE_CODE = 'claude-cli/2.1.330 (external, cli)';

describe('the pages of traces', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;
  let orgId: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    person = await app.signUp();
    const [org] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM orgs WHERE name = $1', [
      person.org,
    ]);
    orgId = org!.id;
    visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo('/me/traces/', person.email, person.password);
    await page().getByText('No session yet').waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const sessions = () =>
    page()
      .getByRole('table', { name: /^Traces/ })
      .locator('tbody tr');
  const calls = (agent: string) =>
    page()
      .getByRole('table', { name: `Calls of ${agent}`, exact: true })
      .locator('tbody tr');

  /** Records a session of three agents, the last of which failed once; a day lies between its two halves. */
  async function recordSession(who: { userId: string } = person): Promise<void> {
    const now = Date.now();
    const call = (id: string, secondsAgo: number, more: object) => ({
      id: `req_tv_${who.userId.slice(0, 8)}${id}`,
      user_id: who.userId,
      org_id: orgId,
      at: new Date(now - secondsAgo * 1000).toISOString(),
      model: 'claude-opus-4-8',
      client: CLAUDE_CODE,
      agent_session_id: 'a-session',
      ...{ input_tokens: 1000, cache_read_tokens: 3000, output_tokens: 500, cost_nano_usd: '20000000' },
      ...{ ms: 9_000, ms_to_first_byte: 3_000 },
      ...more,
    });
    await record(app, [
      call('1', 86_400, {}),
      call('2', 60, {}),
      call('3', 50, { agent_id: 'agent-a', model: 'claude-haiku-4-5', cost_nano_usd: '1000000' }),
      call('4', 48, { agent_id: 'agent-b', parent_agent_id: 'agent-a' }),
      call('5', 30, {
        agent_id: 'agent-b',
        parent_agent_id: 'agent-a',
        status: 529,
        usage_state: 'none',
        cost_nano_usd: null,
      }),
    ]);
  }

  it('list sessions, and open one with its agents, the calls of each and what they cost', async () => {
    await visitor.isAccessible();
    await recordSession();
    await page().reload();
    await sessions().filter({ hasText: 'Claude Code 2.1.330' }).filter({ hasText: '1 failed' }).waitFor();
    await visitor.isAccessible();
    await sessions()
      .getByRole('link', { name: /: session a-session$/ })
      .click();
    await page().getByRole('heading', { name: 'Trace', exact: true }).waitFor();
    await page().getByRole('heading', { name: 'Subagent 2' }).waitFor();
    expect(await calls('main agent').count()).toBe(2);
    expect(await calls('subagent 1').count()).toBe(1);
    expect(await calls('subagent 2').count()).toBe(2);
    const ofFirst = page().getByRole('region', { name: 'Subagent 1' });
    expect(await ofFirst.innerText()).toMatch(
      /1 call\sfor \$0\.00\d*\. With the agents that it has started: 3 calls\sfor \$0\.02/,
    );
    expect(await page().getByRole('region', { name: 'Subagent 2' }).innerText()).toContain(
      'Started by subagent 1',
    );
    await page()
      .getByTitle(/^23 h \d+ min without a call$/)
      .first()
      .waitFor({ state: 'attached' });
    await visitor.isAccessible();
    await visitor.fits();
    await page().goBack();
    await sessions().first().waitFor();
  });

  it('are searched by what one types, in an address that finds them again', async () => {
    const ids = ['one', 'two', 'three'];
    await record(
      app,
      ids.map((id, at) => ({
        ...{ id: `req_tv_search${id}`, user_id: person.userId, org_id: orgId, agent_session_id: `id-${id}` },
        ...{ client: CLAUDE_CODE, model: at === 0 ? 'claude-haiku-4-5' : 'claude-opus-4-8' },
        at: new Date(Date.now() - at * 60_000).toISOString(),
      })),
    );
    await page().reload();
    await sessions().nth(2).waitFor();
    const field = page().getByRole('searchbox', { name: 'Search sessions' });
    await page().keyboard.press('/');
    await page().keyboard.type('claude code HAIKU');
    await page()
      .getByRole('status')
      .filter({ hasText: /^1 session$/ })
      .waitFor();
    await sessions().filter({ hasText: 'claude-haiku-4-5' }).waitFor();
    expect(await sessions().count()).toBe(1);
    await visitor.isAccessible();
    await page().reload();
    await page()
      .getByRole('status')
      .filter({ hasText: /^1 session$/ })
      .waitFor();
    expect([await field.inputValue(), await sessions().count()]).toEqual(['claude code HAIKU', 1]);

    await field.fill('  id-two  ');
    await page().waitForURL(({ searchParams }) => searchParams.get('q') === 'id-two');
    await sessions()
      .getByRole('link', { name: /: session id-two$/ })
      .waitFor();
    await field.fill('nowhere');
    await page().getByText('No session has “nowhere” in it.').waitFor();
    await visitor.isAccessible();
    await field.press('Escape');
    await page().waitForURL(({ searchParams }) => !searchParams.has('q'));
    await sessions().nth(2).waitFor();
    await page().goto('/me/traces/?q=a%00b');
    await page()
      .getByRole('alert')
      .filter({ hasText: 'must not hold characters that nobody sees' })
      .waitFor();
    await visitor.isAccessible();
  });

  it('are stepped through by j and k, and opened by Enter', async () => {
    await recordSession();
    await page().reload();
    await sessions().first().waitFor();
    for (const key of ['j', 'j', 'k', 'Enter']) await page().keyboard.press(key);
    await page().getByRole('heading', { name: 'Timeline' }).waitFor();
    await page().goBack();
    await sessions().first().waitFor();
  });

  it('are searched a thousand at once, and further back when one asks for it', async () => {
    await record(app, [
      {
        ...{ id: 'req_tv_needle', user_id: person.userId, org_id: orgId, client: CLAUDE_CODE },
        ...{ agent_session_id: 'needle', at: new Date(Date.now() - 86_400_000).toISOString() },
      },
    ]);
    await app.dataSource.query(
      `INSERT INTO "agent_sessions" SELECT (jsonb_populate_record("session", jsonb_build_object(
           'id', gen_random_uuid(), 'session_id', 'hay-' || n, 'last_at', now() - n * interval '1 second'))).*
         FROM "agent_sessions" AS "session" CROSS JOIN generate_series(1, 1200) AS n WHERE "session"."user_id" = $1`,
      [person.userId],
    );
    await page().goto('/me/traces/?q=needle');
    await page()
      .getByText(/^Searched back to /)
      .waitFor();
    expect(await sessions().count()).toBe(0);
    await visitor.isAccessible();
    await page().getByRole('button', { name: 'Search further back' }).click();
    await sessions()
      .getByRole('link', { name: /: session needle$/ })
      .waitFor();
    await page()
      .getByRole('status')
      .filter({ hasText: /^1 session$/ })
      .waitFor();
  });

  it('open a call in full, by pressing its bar or its row, and by keyboard', async () => {
    await recordSession();
    await page().reload();
    await sessions().getByRole('link').click();
    const drawer = page().getByRole('dialog', { name: 'Request' });
    await calls('subagent 2').getByRole('button').first().click();
    await drawer.getByText('agent-b').waitFor();
    await page().keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page().locator('.bar').first().click();
    await drawer.waitFor();
    await page().keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page().getByRole('heading', { name: 'Timeline' }).click(); // so that no button has the focus
    for (const key of ['j', 'j', 'k', 'Enter']) await page().keyboard.press(key);
    await drawer.waitFor();
    const second = `req_tv_${person.userId.slice(0, 8)}2`; // the first one was opened before
    await page().waitForURL(({ searchParams }) => searchParams.get('call') === second);
  });

  it('follow a session while it runs', async () => {
    await recordSession();
    await page().reload();
    await sessions().getByRole('link').click();
    await calls('main agent').nth(1).waitFor();
    await record(app, [
      {
        ...{ id: 'req_tv_later', user_id: person.userId, org_id: orgId, client: CLAUDE_CODE },
        ...{ at: new Date().toISOString(), agent_session_id: 'a-session', model: 'claude-sonnet-5-5' },
      },
    ]);
    await calls('main agent').filter({ hasText: 'claude-sonnet-5-5' }).waitFor();
  });

  it('follow the sessions of the first page when more have been loaded', async () => {
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const call = (id: string, session: number, minutes: number) => ({
      ...{ id: `req_tv_${id}`, user_id: person.userId, org_id: orgId, client: CLAUDE_CODE },
      ...{ agent_session_id: `s-${session}`, at: at(minutes) },
    });
    await record(
      app,
      Array.from({ length: 60 }, (_, index) => call(`more${index}`, index, index + 1)),
    );
    await page().reload();
    await page().getByRole('button', { name: 'Load more' }).click();
    await sessions().nth(59).waitFor();
    await record(app, [call('again', 0, 0), call('last', 59, 0)]);
    for (const name of [/: session s-0$/, /: session s-59$/])
      await sessions()
        .filter({ has: page().getByRole('link', { name }) })
        .filter({ has: page().locator('[data-title="Calls"]', { hasText: /^\s*2\s*$/ }) })
        .waitFor();
    expect(await sessions().count()).toBe(60);
  });

  it('of an organization name the person, and are not for other members', async () => {
    const member = await newMember(app, person.org, 'developer');
    await recordSession(member);
    await page().goto(`/orgs/${person.org}/traces/`);
    await sessions().filter({ hasText: member.email }).waitFor();
    await page().getByRole('searchbox', { name: 'Search sessions' }).fill('nobody@example.com');
    await page().getByText('No session has “nobody@example.com” in it.').waitFor();
    await page().getByRole('searchbox', { name: 'Search sessions' }).fill(member.email);
    await sessions().filter({ hasText: member.email }).getByRole('link').click();
    await page().getByText(`Claude Code 2.1.330, ${member.email}`).waitFor();
    await visitor.isAccessible();
  });

  it('say so when there is no such trace', async () => {
    await page().goto('/me/traces/?trace=11111111-1111-1111-1111-111111111111');
    await page().getByRole('alert').filter({ hasText: 'There is no such trace' }).waitFor();
  });

  it('fit a phone, whatever clients say of themselves', async () => {
    await record(app, [
      {
        ...{ id: 'req_tv_wide', user_id: person.userId, org_id: orgId, client: `Agent/${'n'.repeat(90)}` },
        ...{ agent_session_id: 's'.repeat(120), agent_id: 'a'.repeat(120), model: 'm'.repeat(120) },
      },
      {
        ...{ id: 'req_tv_sdk', user_id: person.userId, org_id: orgId, client: 'Anthropic/JS 0.90.0' },
        ...{ agent_session_id: 'sdk', model: 'claude-opus-4-8' },
      },
    ]);
    await page().setViewportSize({ width: 320, height: 700 });
    await page().reload();
    await sessions().nth(1).waitFor();
    await visitor.fits();
    await sessions().filter({ hasText: 'nnn' }).getByRole('link').click();
    await calls('subagent 1').first().waitFor();
    await visitor.fits();
    await visitor.isAccessible();
  });

  it('open a session of two thousand calls', async () => {
    const now = Date.now();
    await record(
      app,
      Array.from({ length: 2_000 }, (_, at) => ({
        id: `req_tv_long${at}`,
        user_id: person.userId,
        org_id: orgId,
        at: new Date(now - 7_200_000 + at * 3_000).toISOString(),
        agent_session_id: 'long',
        agent_id: at % 4 === 0 ? null : `agent-${at % 40}`,
        client: CLAUDE_CODE,
        ms: 2_500,
      })),
    );
    await page().reload();
    await sessions().getByRole('link').click();
    await calls('main agent').nth(49).waitFor({ timeout: 40_000 });
    expect(await page().locator('.bar').count()).toBe(2_000);
    await visitor.fits();
  });
});
