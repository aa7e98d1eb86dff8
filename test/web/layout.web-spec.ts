import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { recordMonth } from './support/ledger';
import { startWebApp } from './support/web-app';

/** The most that a page may move while it loads: half of what browsers call good. */
const MAX_SHIFT = 0.05;
/** Keeps the shifts that no user has caused, as browsers report them, from the first on, with what has moved. */
const OBSERVE = `globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput) shifts.push([value, ...sources.map(({ node }) => (node?.outerHTML ?? '').slice(0, 80))]);
  }).observe({ type: 'layout-shift', buffered: true })`;

describe('while a page loads', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;
  let bob: Person;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    person = await app.signUp();
    const [member] = await app.dataSource.query<{ user_id: string; org_id: string }[]>(
      'SELECT user_id, org_id FROM user_org_memberships',
    );
    await recordMonth(app, member!);
    bob = await newMember(app, person.org, 'developer');
    await app.api('POST', 'me/proxy-tokens', { token: person.token, body: { name: 'laptop' } });
    visitor = await Visitor.come(browser, app.url);
    await visitor.page.goto('/sign-in');
    await visitor.signIn(person.email, person.password);
    await visitor.page.getByRole('table', { name: 'Last requests' }).waitFor();
    await visitor.context.addInitScript(OBSERVE);
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  it.each([
    ['overview', () => '/me/overview/', 'Last requests'],
    ['requests', () => '/me/requests/', 'claude-opus-4-8'],
    ['usage', () => '/me/usage/', 'gpt-5.5-codex'],
    ['tokens', () => '/me/tokens/', 'laptop'],
    ['keys', () => '/me/keys/', /^Stored /],
    ['members', () => `/orgs/${person.org}/members/`, 'Last active'],
  ])('the %s stays where it is, wide and narrow', async (_name, path, shown) => {
    for (const width of [1280, 360]) {
      await visitor.page.setViewportSize({ width, height: 900 });
      await visitor.page.goto(path(), { waitUntil: 'networkidle' });
      await visitor.page.getByRole('main').getByText(shown).first().waitFor({ state: 'attached' });
      const shifts = await visitor.page.evaluate<[number, ...string[]][]>('globalThis.shifts');
      const sum = shifts.reduce((total, [value]) => total + value, 0);
      expect([width, shifts, sum < MAX_SHIFT]).toEqual([width, shifts, true]);
    }
  });

  it.each([
    ['tokens', () => '/me/tokens/', 'laptop', 'Revoke'],
    ['members', () => `/orgs/${person.org}/members/`, 'bob', 'Deactivate'],
  ])(
    'a row of the %s has its menu where the row begins on a phone, and all of the menu is seen',
    async (_name, path, who, action) => {
      const name = who === 'bob' ? bob.email : who;
      const { page } = visitor;
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(path());
      const [row, menu] = [
        page.getByRole('row').filter({ hasText: name }),
        page.getByRole('button', { name: `Actions for ${name}`, exact: true }),
      ];
      await menu.waitFor();
      const [of, at] = [(await row.boundingBox())!, (await menu.boundingBox())!];
      expect([at.y - of.y < 16, at.x + at.width <= 360, at.width >= 44, at.height >= 44]).toEqual([
        true,
        true,
        true,
        true,
      ]);
      await menu.click();
      const entry = (await page.getByRole('menuitem', { name: action, exact: true }).boundingBox())!;
      expect([entry.x >= 0, entry.x + entry.width <= 360, entry.y + entry.height <= 740]).toEqual([
        true,
        true,
        true,
      ]);
      await visitor.fits();
      await page.keyboard.press('Escape');
    },
  );
});
