import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { record, recordMonth } from './support/ledger';
import { startWebApp } from './support/web-app';

describe('the page of usage', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;
  let member: Person;
  let orgId: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    person = await app.signUp();
    member = await newMember(app, person.org, 'developer');
    const [org] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM orgs WHERE name = $1', [
      person.org,
    ]);
    orgId = org!.id;
    visitor = await Visitor.come(browser, app.url, { timezoneId: 'Asia/Kolkata' });
    await visitor.signInTo('/me/usage/', person.email, person.password);
    await page().getByText('No request in this period').waitFor();
    await visitor.isAccessible();
    await recordMonth(app, { user_id: person.userId, org_id: orgId });
    await record(app, [
      {
        user_id: member.userId,
        org_id: orgId,
        id: 'req_tv_member',
        model: 'claude-opus-4-8',
        input_tokens: 1_234_567,
        cost_nano_usd: '6172835000',
      },
    ]);
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const table = (by: string) => page().getByRole('table', { name: `Usage by ${by}` });
  const footer = (by: string) => table(by).locator('tfoot tr');

  it('shows a month by model, in the browser’s time zone: figures, chart and table, whose rows add up', async () => {
    const [asked] = await Promise.all([
      page().waitForRequest((request) => request.url().includes('/me/usage?')),
      page().reload(),
    ]);
    expect(new URL(asked.url()).searchParams.get('time_zone')).toBe('Asia/Calcutta');
    await table('model').waitFor();
    const calls = (await table('model').locator('tbody td:nth-child(2)').allInnerTexts()).map(Number);
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(240);
    await footer('model').getByText('240').waitFor();
    await page().getByRole('figure', { name: 'Cost by day, in US dollars' }).waitFor();
    const unpriced = table('model').getByRole('row', { name: /gemini-3-pro/ });
    expect(await unpriced.getByRole('cell').last().innerText()).toMatch(/^\d+ unpriced/);
    await visitor.isAccessible();
  });

  it('the choices are in the address: group, tokens, and days', async () => {
    await page().getByLabel('Group by').selectOption('Client');
    await table('client').getByText('Codex 0.99.0').waitFor();
    await page().getByRole('group', { name: 'What the chart shows' }).getByText('Tokens').click();
    await page().getByRole('figure', { name: 'Tokens by day' }).waitFor();
    await page().getByLabel('Period').selectOption('Last 7 days');
    await page().getByRole('img', { name: /:/ }).nth(6).waitFor();
    await page().getByRole('img', { name: /:/ }).nth(7).waitFor({ state: 'detached' });
    await page().waitForURL(({ search }) => search === '?by=client&show=tokens&period=7d');
    await page().reload();
    await page().getByRole('figure', { name: 'Tokens by day' }).waitFor();
    await page().getByLabel('Period').selectOption('Custom');
    await page().getByLabel('From', { exact: true }).fill('2020-01-01');
    await page().getByLabel('To', { exact: true }).fill('2020-01-31');
    await page().getByText('No request in this period').waitFor();
    await page().goto('/me/usage/?from=2010-01-01&to=2020-01-31');
    await page().getByRole('alert').getByText('at most 400 days apart').waitFor();
    await visitor.isAccessible();
  });

  it('an owner sees an organization by person, and from there a person’s requests', async () => {
    await visitor.open('Usage by person');
    await table('person').getByText(member.email).waitFor();
    await footer('person').getByText('241').waitFor();
    await visitor.isAccessible();
    const cost = table('person').getByRole('columnheader', { name: 'Requests' });
    await cost.getByRole('button').click();
    expect(await cost.getAttribute('aria-sort')).toBe('descending');
    await table('person').getByRole('link', { name: member.email }).click();
    await page().waitForURL(`**/requests/?*person=${member.userId}`);
    await page().getByRole('table').locator('tbody tr').getByText('$6.17').waitFor();
    await page().goBack();
    const [file] = await Promise.all([
      page().waitForEvent('download'),
      page().getByRole('button', { name: 'CSV' }).click(),
    ]);
    const text = Buffer.concat(await (await file.createReadStream()).toArray()).toString();
    expect(text.split(/\r?\n/)[0]).toMatch(/^day,person,/);
    expect(text).toContain(member.userId);
  });

  it('a member sees their own part, and fits at 320 px, dark and light', async () => {
    const other = await Visitor.come(browser, app.url, { viewport: { width: 320, height: 640 } });
    await other.signInTo(`/orgs/${person.org}/usage/?by=model`, member.email, member.password);
    await other.page.getByText('Your own calls in it').waitFor();
    await other.page
      .getByRole('table', { name: 'Usage by model' })
      .locator('tfoot')
      .getByText('1.23 M')
      .first()
      .waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await other.page.emulateMedia({ colorScheme });
      await other.isAccessible();
      await other.fits();
    }
    await other.leave();
  });
});
