import { Browser } from 'playwright-core';
import { LimitEntity } from '../../src/limits/limit.entity';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { record } from './support/ledger';
import { startWebApp } from './support/web-app';

const NANO = 1_000_000_000;
const RTL = 'אורן טכנולוגיות '.repeat(6).trim();

describe('the pages of limits', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let member: Person;
  let orgId: string;
  let visitor: Visitor;
  let calls = 0;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    owner = await app.signUp(null);
    member = await newMember(app, owner.org, 'developer');
    app.invalidateAuthCache(); // the membership was inserted past the server
    const [org] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM orgs WHERE name = $1', [
      owner.org,
    ]);
    orgId = org!.id;
    visitor = await comeAs(owner, `/orgs/${owner.org}/limits/`);
    await page().getByRole('heading', { name: 'Nothing is limited yet' }).waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const table = () => page().getByRole('table', { name: 'Limits' });
  const row = (text: string) => table().getByRole('row').filter({ hasText: text });
  const dialog = (name: string | RegExp = 'New limit') => page().getByRole('dialog', { name });
  const button = (name: string) => page().getByRole('button', { name, exact: true });

  async function comeAs(
    { email, password }: Person,
    path: string,
    ...options: [Parameters<typeof Visitor.come>[2]?]
  ): Promise<Visitor> {
    const someone = await Visitor.come(browser, app.url, ...options);
    await someone.signInTo(path, email, password);
    return someone;
  }
  async function limit(body: object): Promise<void> {
    const response = await app.api('POST', `orgs/${owner.org}/limits`, { token: owner.token, body });
    expect([response.status, await response.text()]).toEqual([201, expect.any(String)]);
  }
  const spendLimit = (amount_usd: string | null, more: object = {}) =>
    limit({ kind: 'spend', scope: 'everyone', period: 'month', amount_usd, ...more });
  const spend = ({ userId }: Person, usd: number) =>
    record(app, [
      {
        user_id: userId,
        org_id: orgId,
        id: `req_tv_limits_${(calls += 1)}`,
        key_source: 'organization',
        cost_nano_usd: `${Math.round(usd * NANO)}`,
      },
    ]);
  async function choose(entry: string, name: string): Promise<void> {
    await button(`Actions for ${name}`).click();
    await page().getByRole('menuitem', { name: entry }).click();
  }
  async function holdsEverywhere(who = visitor): Promise<void> {
    for (const [colorScheme, width] of [
      ['dark', 320],
      ['light', 1280],
    ] as const) {
      await who.page.emulateMedia({ colorScheme });
      await who.page.setViewportSize({ width, height: 900 });
      await who.isAccessible();
      await who.fits();
    }
  }

  it('“25 dollars a month for each, 2,000 for the team, nobody on Opus but the reviewers” are suggested, each one click from its form', async () => {
    await holdsEverywhere();
    await page()
      .getByRole('button', { name: /^25 dollars a month for each/ })
      .click();
    expect(await page().getByLabel('Amount in US dollars').inputValue()).toBe('25.00');
    await holdsEverywhere();
    await button('Create the limit').click();
    await page()
      .getByText('Created, and in force from the next request on: $25.00 a month, each member.')
      .and(page().locator(':focus'))
      .waitFor();
    await row('Each member').getByText('$0.00 of $25.00 (0%)').waitFor();
    await page()
      .getByRole('button', { name: /^2,000 for the team/ })
      .click();
    await button('Create the limit').click();
    await row('All members together').getByText('$0.00 of $2,000.00 (0%)').waitFor();
    await page()
      .getByRole('button', { name: /^Nobody on Opus/ })
      .click();
    await button('Create the limit').click();
    await row('Models').getByText('claude-haiku-*, claude-sonnet-*, gpt-* and 1 more').waitFor();
    await page()
      .getByRole('button', { name: /^But the reviewers/ })
      .click();
    await page().getByLabel('Member', { exact: true }).selectOption(member.email);
    await button('Create the limit').click();
    await row(member.email).getByText('All models').waitFor();
    expect(await page().getByRole('heading', { name: 'Often set, too' }).count()).toBe(0);
    const stored = await app.dataSource.getRepository(LimitEntity).findBy({ orgId });
    expect(stored.map(({ kind, scope }) => `${kind} ${scope}`).sort()).toEqual([
      'models everyone',
      'models member',
      'spend everyone',
      'spend organization',
    ]);
    await holdsEverywhere();
  });

  it('what is refused is said at its field, in the pages’ words', async () => {
    await button('Create a limit').click();
    const create = button('Create the limit');
    await create.click();
    await visitor.isRefusedAt('Amount in US dollars', /^Enter an amount such as 25\.00/);
    await page().getByLabel('Amount in US dollars').fill('2,000');
    await page().getByLabel('For', { exact: true }).selectOption('One member');
    await page().getByLabel('Until (optional)').fill('2020-01-01T00:00');
    await page().getByLabel('Note (optional)').fill('n'.repeat(201));
    await create.click();
    await visitor.isRefusedAt('Amount in US dollars', /^Enter an amount such as 25\.00/);
    await visitor.isRefusedAt('Until (optional)', 'Choose a time that is yet to come.');
    await visitor.isRefusedAt('Note (optional)', 'A note has at most 200 characters.');
    await holdsEverywhere();
    await page().getByLabel('Amount in US dollars').fill('$5');
    await page().getByLabel('Until (optional)').fill('');
    await page().getByLabel('Note (optional)').fill('');
    await create.click();
    await visitor.isRefusedAt('Member', 'Choose a member.');
    await page().getByLabel('For', { exact: true }).selectOption('One proxy token');
    await create.click();
    await visitor.isRefusedAt('Proxy token', 'Choose a proxy token.');
    await page().getByLabel('For', { exact: true }).selectOption('Each member');
    await page().getByLabel('What', { exact: true }).selectOption('Requests and tokens a minute');
    await page().getByLabel('Requests a minute').fill('many');
    await create.click();
    await visitor.isRefusedAt('Requests a minute', /^Enter whole numbers/);
    await page().getByLabel('What', { exact: true }).selectOption('Models');
    await page().getByLabel('Models that are allowed').fill('claude-haikku-*');
    await create.click();
    await visitor.isRefusedAt('Models that are allowed', /^"claude-haikku-\*" matches no model/);
    expect(await app.dataSource.getRepository(LimitEntity).countBy({ orgId })).toBe(0);
  });

  it('one that there is already is named, and changed from there with what was typed', async () => {
    await spendLimit('25.00', { estimate: 'typical' });
    await button('Create a limit').click();
    await page().getByLabel('Amount in US dollars').fill('30');
    await button('Create the limit').click();
    await page().getByText('There is such a limit already: $25.00 a month, each member.').waitFor();
    await visitor.isAccessible();
    await button('Change that one').click();
    await dialog('Change: Spend a month, each member').waitFor();
    await button('Save').click();
    await row('Each member').getByText('$30.00', { exact: true }).waitFor();
    const [stored] = await app.dataSource.getRepository(LimitEntity).findBy({ orgId });
    expect([stored!.amountNanoUsd, stored!.estimate]).toEqual([`${30 * NANO}`, 'typical']);
    await app.dataSource.getRepository(LimitEntity).update({ orgId }, { until: new Date(Date.now() - 1000) });
    await button('Create a limit').click();
    await page().getByLabel('Amount in US dollars').fill('35');
    await button('Create the limit').click();
    await page().getByText('There is such a limit already, which has ended').waitFor();
    await button('Change that one').click();
    await page().getByLabel('Up to an amount').and(page().locator(':focus')).waitFor();
    await button('Save').click();
    await row('Each member').getByText('$35.00', { exact: true }).waitFor();
    expect(await app.dataSource.getRepository(LimitEntity).findOneBy({ orgId })).toMatchObject({
      until: null,
    });
  });

  it('is changed in each part; what was not touched stays as it is', async () => {
    await spendLimit('25.00', { until: '2100-01-01T12:00:30.5Z', note: 'all of us' });
    await page().reload();
    await choose('Change', 'Spend a month, each member');
    await page().getByLabel('Blocked').check();
    await page().getByText('Advanced').click();
    await page().getByLabel('Closer to the end').check();
    await page().getByLabel('Count requests with members’ own keys, too').check();
    await holdsEverywhere();
    await button('Save').click();
    await row('Each member').getByText('Blocked', { exact: true }).first().waitFor();
    const [stored] = await app.dataSource.getRepository(LimitEntity).findBy({ orgId });
    expect(stored).toMatchObject({
      ...{ amountNanoUsd: '0', estimate: 'typical', countPersonalKeys: true, note: 'all of us' },
      until: new Date('2100-01-01T12:00:30.500Z'),
    });
    await choose('Change', 'Spend a month, each member');
    expect(await page().getByLabel('Blocked').isChecked()).toBe(true);
    await page().getByLabel('Unlimited').check();
    await button('Save').click();
    await row('Each member').getByText('Unlimited', { exact: true }).waitFor();
    await choose('Change', 'Spend a month, each member');
    await app.dataSource.getRepository(LimitEntity).delete({ orgId });
    await page().getByLabel('Note (optional)').fill('too late');
    await button('Save').click();
    await page().getByText('Somebody has deleted this limit meanwhile.').waitFor();
  });

  it('is deleted after a question that names it', async () => {
    await spendLimit('25.00', { scope: 'member', subject_id: member.userId });
    await page().reload();
    const name = `Spend a month, ${member.email}`;
    await choose('Delete', name);
    await dialog(`Delete “${name}”?`).getByText(`$25.00 a month, ${member.email}`).waitFor();
    await holdsEverywhere();
    await button('Keep it').click();
    await dialog(`Delete “${name}”?`).waitFor({ state: 'detached' });
    await row(member.email).waitFor();
    await choose('Delete', name);
    await button('Delete the limit').click();
    await page()
      .getByText(`Deleted: $25.00 a month, ${member.email}.`)
      .and(page().locator(':focus'))
      .waitFor();
    await page().getByRole('heading', { name: 'Nothing is limited yet' }).waitFor();
    expect(await app.dataSource.getRepository(LimitEntity).countBy({ orgId })).toBe(0);
  });

  it('has a bar for what is spent, of members and of their tokens too, and says in words what its colour means', async () => {
    const created = await app.api('POST', 'me/proxy-tokens', { token: member.token, body: { name: 'ci' } });
    const { id: token } = (await created.json()) as { id: string };
    await spendLimit('100.00', { scope: 'organization' });
    await spendLimit('10.00', { scope: 'member', subject_id: member.userId });
    await spendLimit('9.00', { scope: 'token', subject_id: token });
    await spendLimit('5.00', { scope: 'member', subject_id: owner.userId, period: 'day' });
    await spendLimit('1.00', { scope: 'member', subject_id: member.userId, period: 'day', note: 'gone' });
    await app.dataSource
      .getRepository(LimitEntity)
      .update({ orgId, note: 'gone' }, { until: new Date(Date.now() - 1000) });
    app.invalidateAuthCache();
    await record(app, [
      {
        ...{ user_id: member.userId, org_id: orgId, proxy_token_id: token, id: `req_tv_limits_${token}` },
        ...{ key_source: 'organization', cost_nano_usd: `${7.6 * NANO}` },
      },
    ]);
    await spend(member, 1.9);
    await page().reload();
    const meter = (text: string) => row(text).getByRole('meter');
    await row('All members together').getByText('$9.50 of $100.00 (9%)').waitFor();
    await row('$10.00').getByText('$9.50 of $10.00 (95%)').waitFor();
    await row('$10.00').getByText('Almost used up').waitFor();
    expect(await meter('$10.00').getAttribute('aria-valuenow')).toBe('95');
    await row(`Token ${token.slice(0, 8)} of ${member.email}`)
      .getByText('Running low')
      .waitFor();
    await row(owner.email).getByText('$0.00 of $5.00 (0%)').waitFor();
    await row('gone').getByText('Ended', { exact: true }).waitFor();
    await holdsEverywhere();
    await choose('All limits of this person', `Spend a month, ${member.email}`);
    const drawer = dialog(`Limits of ${member.email}`);
    await drawer.getByText('$9.50 of $10.00 (95%)').waitFor();
    await drawer.getByText('Begins again').first().waitFor();
    await holdsEverywhere();
  });

  it('a member sees what applies to them, read-only, and on the overview what needs a look, before a first request too', async () => {
    await spendLimit('10.00');
    await limit({ kind: 'rate', scope: 'everyone', per_minute: { requests: 60, tokens: 200_000 } });
    await limit({ kind: 'models', scope: 'organization', allow: ['claude-haiku-*', 'gpt-*'] });
    await spendLimit('0', { scope: 'organization', period: 'week', note: 'closed for the holidays' });
    await spend(owner, 3);
    const other = await comeAs(member, '/me/overview/');
    const look = other.page.getByRole('region', { name: 'What needs a look' });
    await look.getByText(`Spending for all together in ${owner.org} is blocked`).waitFor();
    await other.page.getByText('Three steps to the first request').waitFor();
    await other.page.getByRole('region', { name: 'Limits' }).getByText('$0.00 of $10.00 (0%)').waitFor();
    await holdsEverywhere(other);
    await app.dataSource.getRepository(LimitEntity).delete({ orgId, period: 'week' });
    app.invalidateAuthCache();
    for (const [usd, words] of [
      [7.5, /^\$7\.50 of \$10\.00 a month in .* \(75%\) is spent; in .* it begins again/],
      [
        2,
        /^\$9\.50 of \$10\.00 a month in .* \(95%\) is spent: until it begins again .* large requests may be refused/,
      ],
      [0.5, /^The limit of \$10\.00 a month in .* is used up: until it begins again/],
    ] as const) {
      await spend(member, usd);
      await other.page.reload();
      await look.getByText(words).waitFor();
    }
    await holdsEverywhere(other);
    await look.getByRole('link', { name: 'See the limits' }).click();
    await other.page.waitForURL(`**/orgs/${owner.org}/limits/`);
    const limits = other.page.getByRole('region', { name: 'Your limits' });
    await limits.getByText('Used up: requests are refused').waitFor();
    await limits.getByText('60 requests and 200,000 tokens a minute').waitFor();
    await limits.getByText('claude-haiku-*, gpt-*').waitFor();
    await limits.getByText('Begins again').first().waitFor();
    expect(await other.page.getByRole('main').getByRole('button').count()).toBe(0);
    expect(await other.page.getByRole('navigation').getByRole('link', { name: 'Members' }).count()).toBe(0);
    await other.page.getByRole('navigation').getByRole('link', { name: 'Limits' }).waitFor();
    await holdsEverywhere(other);
    await other.leave();
  });

  it('without a limit, the overview has none, and a member is told so on the page', async () => {
    const other = await comeAs(member, '/me/overview/');
    await other.page.getByText('Three steps to the first request').waitFor();
    expect(await other.page.getByRole('region', { name: 'Limits' }).count()).toBe(0);
    await other.open('Limits');
    await other.page.getByText('No limit applies to you.').waitFor();
    await other.isAccessible();
    await other.leave();
  });

  it('those of a member are shown from the page of members', async () => {
    await spendLimit('10.00');
    await spend(member, 2.5);
    await visitor.open('Members');
    await button(`Actions for ${member.email}`).click();
    await page().getByRole('menuitem', { name: 'Limits' }).click();
    const drawer = dialog(`Limits of ${member.email}`);
    await drawer.getByText('$2.50 of $10.00 (25%)').waitFor();
    await visitor.isAccessible();
    await page().keyboard.press('Escape');
    await button(`Actions for ${member.email}`).and(page().locator(':focus')).waitFor();
  });

  it('many, with the longest names and notes, also from right to left, fit at 320 px', async () => {
    await app.api('PATCH', 'auth/me', { token: member.token, body: { name: RTL } });
    await app.api('PATCH', `orgs/${owner.org}`, {
      token: owner.token,
      body: { display_name: RTL.slice(0, 60) },
    });
    await spendLimit('1000000.00', { scope: 'member', subject_id: member.userId, note: 'n'.repeat(200) });
    await limit({ kind: 'models', scope: 'everyone', allow: ['claude-*', 'gpt-*'] });
    await spend(member, 999_999.99);
    await app.dataSource.getRepository(LimitEntity).insert(
      Array.from({ length: 60 }, (_, at) => ({
        ...{ orgId, kind: 'spend' as const, scope: 'member' as const, period: 'day' as const },
        ...{ subjectId: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`, amountNanoUsd: `${NANO}` },
      })),
    );
    await page().reload();
    await row(RTL).getByText('$999,999.99 of $1,000,000.00 (99%)').waitFor();
    await page().getByText('Page 1 of 2').waitFor();
    await holdsEverywhere();
    await page().getByRole('searchbox', { name: 'Filter limits' }).fill('אורן');
    await page().getByText('1 of 62').waitFor();
    await choose('Change', `Spend a month, ${RTL}`);
    await dialog(/^Change/).waitFor();
    await holdsEverywhere();
    await page().keyboard.press('Escape');
    await choose('All limits of this person', `Spend a month, ${RTL}`);
    await dialog(/^Limits of/)
      .getByText('n'.repeat(200))
      .waitFor();
    await holdsEverywhere();
  });
});
