import { readFile } from 'node:fs/promises';
import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { runScript, sealRecorded } from '../support/seals';
import { launchBrowser, Visitor } from './support/browser';
import { record } from './support/ledger';
import { startWebApp } from './support/web-app';

const HEBREW = 'אורן טכנולוגיות בע״מ';

describe('the members, the settings and the audit of an organization', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    owner = await app.signUp(null);
    visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo(`/orgs/${owner.org}/members/`, owner.email, owner.password);
    await visitor.page.getByRole('table', { name: 'Members' }).waitFor();
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const row = (text: string) => page().getByRole('row').filter({ hasText: text });
  const orgId = async (): Promise<string> => {
    const [org] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM orgs WHERE name = $1', [
      owner.org,
    ]);
    return org!.id;
  };
  /** Adds members by the database itself: signing up that many would take minutes. */
  async function addMembers(count: number): Promise<void> {
    await app.dataSource.query(
      `WITH people AS (
         INSERT INTO users (email, name, password_hash)
         SELECT 'person-' || lpad(n::text, 3, '0') || '@' || $1 || '.example', CASE n WHEN 7 THEN $3 END, 'none'
           FROM generate_series(1, $2::int) AS n
         RETURNING id)
       INSERT INTO user_org_memberships (user_id, org_id, role) SELECT id, $4, 'developer' FROM people`,
      [owner.org, count, HEBREW, await orgId()],
    );
  }

  it('200 members come in pages of 50, are found by name or email, and fit on a phone', async () => {
    await addMembers(199);
    await page().reload();
    await page().getByText('Page 1 of 4').waitFor();
    expect(await page().getByRole('table', { name: 'Members' }).getByRole('row').count()).toBe(51);
    await button('Next').click();
    await page().getByText('Page 2 of 4').waitFor();
    await visitor.isAccessible();
    await page().getByLabel('Filter members').fill('טכנולוגיות');
    await page().getByText('1 of 200').waitFor();
    await row(HEBREW).getByText(`person-007@${owner.org}.example`, { exact: true }).waitFor();
    await page().setViewportSize({ width: 320, height: 640 });
    await visitor.isAccessible();
    await visitor.fits();
    await page().getByLabel('Filter members').fill('');
    await visitor.fits();
  });

  it('each member’s row says whether they have a key, when they were last there and what they spent', async () => {
    const bob = await newMember(app, owner.org, 'developer');
    await app.storeKey(bob.token, 'sk-ant-of-bob');
    await record(app, [
      {
        id: `req_tv_bob_${bob.userId.slice(0, 8)}`,
        user_id: bob.userId,
        org_id: await orgId(),
        cost_nano_usd: '1250000000',
      },
    ]);
    await page().reload();
    await row(bob.email).getByText('Yes', { exact: true }).waitFor();
    await row(bob.email).getByText('just now').waitFor();
    await row(bob.email).getByText('$1.25').waitFor();
    await row(owner.email).getByText('No', { exact: true }).waitFor();
    await visitor.isAccessible();
  });

  it('the audit says who did what to whom and from where, is filtered, goes on and is saved as a file', async () => {
    const bob = await newMember(app, owner.org, 'developer');
    await page().reload();
    await page().getByLabel(`Role of ${bob.email}`).selectOption('admin');
    await button(`Change the role of ${bob.email}`).click();
    await button('Make admin').click();
    await page().getByText(`${bob.email} is admin now.`).waitFor();
    await visitor.open('Audit');
    const changed = row(`Changed the role of ${bob.email} to admin`);
    await changed.getByRole('cell', { name: owner.email, exact: true }).waitFor();
    await changed.getByText('127.0.0.1, Chrome on Linux').waitFor();
    await visitor.isAccessible();
    await app.dataSource.query(
      `INSERT INTO audit_events (at, action, actor_kind, actor_id, subject_id, org_id, details)
       SELECT date_trunc('milliseconds', now()) - n * interval '1 minute', 'invite_created', 'person', $1, $1, $2, '{"role":"developer"}'
         FROM generate_series(1, 200) AS n`,
      [owner.userId, await orgId()],
    );
    await page().reload();
    await page().getByText('Page 1 of 2').waitFor();
    await button('Load older events').click();
    await page().getByText('Page 1 of 4').waitFor();
    await page().getByLabel('Filter events').fill(`role of ${bob.email}`);
    await changed.waitFor();
    expect(await page().getByRole('table', { name: 'Events' }).getByRole('row').count()).toBe(2);
    const [download] = await Promise.all([page().waitForEvent('download'), button('CSV').click()]);
    expect(download.suggestedFilename()).toBe(`tracevault-${owner.org}-audit.csv`);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    expect(lines[0]).toBe('id,at,action,actor,actor_email,subject_email,address,client,details');
    expect(lines.length).toBeGreaterThan(201);
    await page().setViewportSize({ width: 320, height: 640 });
    await visitor.isAccessible();
    await visitor.fits();
  });

  it('the audit says how far calls and events are sealed, and gives out what checks that elsewhere', async () => {
    const seals = page().getByRole('region', { name: 'Seals' });
    await visitor.open('Audit');
    await seals.getByText('Nothing is sealed yet.').waitFor();
    expect(await seals.getByRole('button').count()).toBe(0);
    await visitor.isAccessible();
    const call = { user_id: owner.userId, org_id: await orgId() };
    await record(
      app,
      [1, 2].map((at) => ({ ...call, id: `req_tv_seal${at}_${owner.userId.slice(0, 8)}` })),
    );
    await sealRecorded(app);
    await page().reload();
    await seals.getByText(/^[2-9]\s+calls and events are sealed, the last of them\s+just now/).waitFor();
    await seals.getByText('How to check them').click();
    const { keys } = (await (await app.api('GET', 'seals/key')).json()) as { keys: { id: string }[] };
    await seals.getByText(`The last seal is signed with the key ${keys[0]!.id}.`).waitFor();
    await visitor.isAccessible();
    const save = async (by: string): Promise<string> => {
      const [file] = await Promise.all([
        page().waitForEvent('download'),
        seals
          .getByRole('button', { name: by })
          .or(seals.getByRole('link', { name: by }))
          .click(),
      ]);
      return file.path();
    };
    expect(await runScript(await save('All seals'), await save('the public keys'))).toMatchObject({
      code: 0,
    });
    await page().setViewportSize({ width: 320, height: 640 });
    await visitor.isAccessible();
    await visitor.fits();
  });

  it('an organization’s settings are for its owners and admins', async () => {
    await visitor.open('Settings');
    await page().getByRole('heading', { name: 'Members’ own keys' }).waitFor();
    await visitor.isAccessible();
    await page().setViewportSize({ width: 320, height: 640 });
    await visitor.fits();
    await page().goto('/orgs/nobody/settings/');
    await page().getByRole('alert').getByText('You are in no organization of this name.').waitFor();
    await visitor.isAccessible();
    await page().goto('/orgs/nobody/audit/');
    await page().getByRole('alert').getByText('You are in no organization of this name.').waitFor();
    await visitor.isAccessible();
  });
});
