import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Browser } from 'playwright-core';
import { MembershipEntity } from '../../src/orgs/membership.entity';
import { OrgEntity } from '../../src/orgs/org.entity';
import { TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { record, recordMonth } from './support/ledger';
import { startWebApp } from './support/web-app';

const DOCS = join(__dirname, '../../docs/screenshots');
const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 900 };

const LOOKS = [
  ['light', 'wide'],
  ['light', 'narrow'],
  ['dark', 'narrow'],
  ['dark', 'wide'], // the last one, in which the way goes on
] as const;

/** The pages know nothing of colors and widths outside their styles, so that one way through them shows them in each look. */
describe('light and dark, wide and narrow', () => {
  const look = { viewport: WIDE, reducedMotion: 'reduce' } as const;
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp({ TRACEVAULT_REGISTRATION: 'invite' }), launchBrowser()]);
    visitor = await Visitor.come(browser, app.url, look);
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  /** Axe finds nothing, nothing sticks out, and the picture for the docs is taken when it is asked for. */
  async function holds(name: string, who = visitor): Promise<void> {
    for (const [colorScheme, width] of LOOKS) {
      await who.page.emulateMedia({ colorScheme });
      await who.page.setViewportSize(width === 'wide' ? WIDE : NARROW);
      await holdsInOne(`${name}-${colorScheme}-${width}`, who);
    }
  }

  async function holdsInOne(name: string, who: Visitor): Promise<void> {
    await who.isAccessible();
    await who.fits();
    if (process.env.SCREENSHOTS !== '1') return;
    await mkdir(DOCS, { recursive: true });
    await who.page.evaluate('scrollTo(0, 0)');
    const devtools = await who.context.newCDPSession(who.page);
    const { data } = await devtools.send('Page.captureScreenshot', {
      format: 'webp',
      quality: 70,
      captureBeyondViewport: true,
    });
    await writeFile(join(DOCS, `${name}.webp`), Buffer.from(data, 'base64'));
    if (process.env.SCREENSHOTS_PNG !== undefined)
      await who.page.screenshot({
        path: join(process.env.SCREENSHOTS_PNG, `${name}.png`),
        fullPage: true,
      });
  }

  const page = () => visitor.page;

  it('every page, empty and filled', async () => {
    await page().goto('/');
    await page().getByRole('heading', { name: 'Welcome to TraceVault' }).waitFor();
    await holds('sign-up');
    await visitor.signUp();
    await page().getByText('No key is stored yet').waitFor();
    await holds('keys-empty');
    await page().goto('/me/overview/');
    await page().getByText('Three steps to the first request').waitFor();
    await holds('overview-empty');
    await page().goto('/me/keys/');
    await page().getByText('No key is stored yet').waitFor();
    await page()
      .getByRole('textbox', { name: 'Anthropic key' })
      .fill('sk-ant-invalid-key-of-a-typical-length');
    await page().getByRole('button', { name: 'Save the key' }).click();
    await page().getByText('Anthropic refused this key').waitFor();
    await holds('keys-refused');
    await page()
      .getByRole('textbox', { name: 'Anthropic key' })
      .fill('sk-ant-api03-key-of-a-typical-length-wXyZ');
    await page().getByRole('button', { name: 'Save the key' }).click();
    await page()
      .getByText(/^Stored /)
      .waitFor();
    await visitor.open('Agents');
    await page().getByRole('button', { name: 'Create token' }).click();
    await page().getByText('is created and stands in the lines below').waitFor();
    await page().getByLabel('Lines for Claude Code').waitFor();
    await holds('agents');
    const token = /tvp_[0-9a-f]{64}/.exec(await page().content())![0];
    await fetch(`${app.proxyUrl}/v1/models`, {
      headers: { 'x-api-key': token, 'user-agent': 'claude-cli/2.1.330 (external, cli)' },
    });
    await visitor.open('Keys');
    await page().getByText('answered with 200').waitFor();
    await holds('keys');
    await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'user-agent': 'claude-cli/2.1.330 (external, cli)' },
      body: '{"model":"error-529"}',
    });
    await page().reload();
    await page().getByText('answered with 529').waitFor();
    await holds('keys-failed');
    await makeKeys(app);
    await page().reload();
    await page().getByText('Shared by').waitFor();
    await holds('keys-many');
    await page().getByRole('button', { name: 'Replace: OpenAI' }).click();
    await holds('keys-replace');
    await page().goto('/me/agents/');
    await page().getByRole('tab', { name: 'Codex' }).click();
    await holds('agents-codex');
    await page().goto('/orgs/acme/keys/');
    await page()
      .getByText(/^Stored /)
      .waitFor();
    await holds('shared-keys');
    await page().getByRole('button', { name: 'Remove: Gemini' }).click();
    await holds('shared-keys-question');
    await page().goto('/orgs/uber/keys/');
    await page().getByRole('button', { name: 'Add a key: OpenAI' }).click();
    await holds('shared-keys-empty');
    await app.dataSource.query(
      `DELETE FROM user_org_memberships WHERE org_id = (SELECT id FROM orgs WHERE name = 'uber')`,
    );
    await makeTokens(app);
    await page().goto('/me/tokens/');
    await page().getByText('in 5 days', { exact: true }).waitFor();
    await holds('tokens');
    await visitor.choose('Revoke', 'build server');
    await page().getByText('Whatever uses it is refused at once').waitFor();
    await holds('tokens-question');
    await page().keyboard.press('Escape');
    await page().getByRole('button', { name: 'Create a token' }).click();
    await page().getByRole('button', { name: 'Create token' }).click();
    await page().getByLabel('Lines for Claude Code').waitFor();
    await holds('token-created');
    await page().getByRole('button', { name: 'I have copied it' }).click();
    await page().goto('/me/sessions/');
    await page().getByText('This browser').waitFor();
    await holds('sessions');
    await page().goto('/orgs/acme/api-keys/');
    await page().getByRole('button', { name: 'Create a key' }).click();
    await page().getByLabel('Name').fill('build server');
    await page().getByRole('button', { name: 'Create key' }).click();
    await page().getByText('it is shown this once').waitFor();
    await holds('api-key-created');
    await page().getByRole('button', { name: 'I have copied it' }).click();
    await page().getByRole('row').filter({ hasText: 'build server' }).waitFor();
    await holds('api-keys');
    const [owner] = await app.dataSource.query<{ user_id: string; org_id: string }[]>(
      'SELECT user_id, org_id FROM user_org_memberships',
    );
    await recordMonth(app, owner!);
    await page().goto('/me/overview/');
    await page().getByRole('region', { name: 'What needs a look' }).waitFor();
    await page().getByRole('table', { name: 'Last requests' }).waitFor();
    await holds('overview');
    await page().goto('/me/requests/');
    await page().getByRole('button', { name: 'Load more' }).waitFor();
    await holds('requests');
    await page().getByRole('button', { name: 'claude-opus-4-8' }).first().click();
    await page().getByRole('dialog', { name: 'Request' }).getByRole('heading', { name: 'Ids' }).waitFor();
    await holds('request');
    await page().goto('/me/usage/');
    await page().getByRole('table', { name: 'Usage by model' }).waitFor();
    await holds('usage');
    await page().goto('/me/traces/');
    const session = page()
      .getByRole('link', { name: /: session session-3$/ })
      .first();
    await session.waitFor();
    await holds('traces');
    await session.click();
    await page().getByRole('heading', { name: 'Timeline' }).waitFor();
    await holds('trace');
    await makePeople(app);
    await page().goto('/orgs/acme/members/');
    await page().getByRole('button', { name: 'Invite', exact: true }).click();
    await page().getByLabel('Email (optional)').fill('lin@example.com');
    await page().getByRole('button', { name: 'Create an invite' }).click();
    await page().getByText('they are shown this once').waitFor();
    await holds('invite-created');
    await page().getByRole('button', { name: 'I have copied it' }).click();
    await page()
      .getByText(/^developer · expires/)
      .waitFor();
    await holds('members');
    await visitor.choose('Deactivate', 'bob@example.com');
    await holds('members-question');
    await page().keyboard.press('Escape');
    await page().getByLabel('Role of bob@example.com').selectOption('owner');
    await page().getByRole('button', { name: 'Change the role of bob@example.com' }).click();
    await page().getByRole('button', { name: 'Make owner' }).waitFor();
    await holds('members-role');
    await page().keyboard.press('Escape');
    await visitor.open('Settings');
    await page().getByRole('heading', { name: 'Leave it' }).waitFor();
    await holds('settings');
    await visitor.open('Audit');
    await page().getByRole('table', { name: 'Events' }).waitFor();
    await holds('audit');
    await page().goto('/orgs/acme/limits/');
    await page().getByText('Nothing is limited yet').waitFor();
    await holds('limits-empty');
    await page()
      .getByRole('button', { name: /^25 dollars/ })
      .click();
    await page().getByText('Advanced').click();
    await holds('limits-form');
    await page().keyboard.press('Escape');
    await makeLimits(app);
    await page().reload();
    await page().getByText('Almost used up').first().waitFor();
    await holds('limits');
    await page().goto('/me/account/');
    await page().getByRole('region', { name: 'Activity' }).getByRole('listitem').first().waitFor();
    await holds('account');
    const begun = await app.api('POST', 'auth/device/authorize', {
      body: { client_name: 'tracevault on ada-laptop' },
    });
    const { user_code } = (await begun.json()) as { user_code: string };
    await page().goto('/device');
    await page().getByLabel('Code').waitFor();
    await holds('device');
    await page().goto(`/device?user_code=${user_code}`);
    await page().getByRole('heading', { name: 'Is this you?' }).waitFor();
    await holds('device-approve');
    await page().goto('/nothing');
    await page().getByRole('heading', { name: 'There is no such page' }).waitFor();
    await holds('not-found');
    await visitor.context.clearCookies();
    await page().goto('/sign-in');
    await page().getByRole('heading', { name: 'Sign in' }).waitFor();
    await holds('sign-in');
    await page().goto('/sign-up');
    await page().getByLabel('Invite code').waitFor();
    await holds('sign-up-invite');
  }, 420_000);

  it('signing up where nobody may', async () => {
    const closed = await startWebApp({ TRACEVAULT_REGISTRATION: 'closed' });
    await closed.signUp(null);
    const stranger = await Visitor.come(browser, closed.url, look);
    await stranger.page.goto('/sign-up');
    await stranger.page.getByText('This server takes no new people.').waitFor();
    await holds('sign-up-closed', stranger);
    await stranger.leave();
    await closed.close();
  });
});

/** One that expires soon, and one that has expired. */
async function makeTokens(app: TestApp): Promise<void> {
  const token = await sessionOf(app);
  for (const [name, days] of [
    ['build server', 5.5],
    ['old laptop', -3],
  ] as const) {
    const created = await app.api('POST', 'me/proxy-tokens', { token, body: { name, expires_in_days: 30 } });
    const { id } = (await created.json()) as { id: string };
    const ends = new Date(Date.now() + days * 86_400_000);
    await app.dataSource.query('UPDATE proxy_tokens SET expires_at = $1 WHERE id = $2', [ends, id]);
  }
}

/** Keys of several providers, one of them shared, and a second organization, whose name is written from right to left. */
async function makeKeys(app: TestApp): Promise<void> {
  const token = await sessionOf(app);
  const [person] = await app.dataSource.query<{ id: string }[]>('SELECT id FROM users');
  const { id: orgId } = await app.dataSource
    .getRepository(OrgEntity)
    .save({ name: 'uber', displayName: 'אורן טכנולוגיות בע״מ' });
  await app.dataSource.getRepository(MembershipEntity).insert({ userId: person!.id, orgId, role: 'owner' });
  await app.storeKey(token, 'sk-proj-key-of-a-typical-length-AbCd', 'openai');
  await app.api('PUT', 'orgs/acme/keys/gemini', {
    token,
    body: { key: 'AIza-key-of-a-typical-length-EfGh' },
  });
}

async function sessionOf(app: TestApp): Promise<string> {
  const body = { email: 'ada@example.com', password: 'correct horse battery' };
  return ((await (await app.api('POST', 'auth/login', { body })).json()) as { token: string }).token;
}

/** Limits of each kind and scope, some of which are nearly used up. */
async function makeLimits(app: TestApp): Promise<void> {
  const token = await sessionOf(app);
  const members = await app.api('GET', 'orgs/acme/members', { token });
  const [ada, bob] = (await members.json()) as { user_id: string }[];
  const [org] = await app.dataSource.query<{ id: string }[]>(`SELECT id FROM orgs WHERE name = 'acme'`);
  await record(app, [
    {
      ...{ id: 'req_tv_limits', user_id: ada!.user_id, org_id: org!.id, key_source: 'organization' },
      cost_nano_usd: '24100000000',
    },
  ]);
  const spend = { kind: 'spend', period: 'month' };
  for (const body of [
    { ...spend, scope: 'everyone', amount_usd: '25.00', note: 'Ask Ada for more' },
    { ...spend, scope: 'organization', amount_usd: '2000.00' },
    { ...spend, scope: 'organization', period: 'day', amount_usd: '30.00', estimate: 'typical' },
    {
      ...{ ...spend, scope: 'member', subject_id: bob!.user_id, amount_usd: null },
      until: '2100-01-01T00:00:00Z',
    },
    { kind: 'rate', scope: 'everyone', per_minute: { requests: 60, tokens: 200_000 } },
    { kind: 'models', scope: 'everyone', allow: ['claude-haiku-*', 'claude-sonnet-*', 'gpt-*', 'gemini-*'] },
  ])
    await app.api('POST', 'orgs/acme/limits', { token, body });
}

/** An admin, and a developer whose access has ended. */
async function makePeople(app: TestApp): Promise<void> {
  const token = await sessionOf(app);
  for (const [name, email, role] of [
    ['Bob', 'bob@example.com', 'admin'],
    ['Grace', 'grace@example.com', 'developer'],
  ]) {
    const created = await app.api('POST', 'orgs/acme/invites', { token, body: { role } });
    const { code } = (await created.json()) as { code: string };
    const body = { email, name, password: 'correct horse battery', invite: code };
    const { user_id } = (await (await app.api('POST', 'auth/register', { body })).json()) as Record<
      string,
      string
    >;
    if (role === 'developer') await app.api('POST', `orgs/acme/members/${user_id}/deactivate`, { token });
  }
}

describe('at 320 px, the longest that is allowed', () => {
  it('fits on every page', async () => {
    const [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    const visitor = await Visitor.come(browser, app.url, { viewport: { width: 320, height: 640 } });
    const { page } = visitor;
    const email = `${'e'.repeat(60)}@${'example'.repeat(8)}.com`;
    await visitor.signUp(email, 'correct horse battery', 'o'.repeat(60));
    await visitor.open('Agents');
    await page.getByLabel('Name of the token').fill('t'.repeat(100));
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByText('is created and stands in the lines below').waitFor();
    await visitor.fits();
    for (const client of await page.getByRole('tab').all()) {
      await client.click();
      await visitor.fits();
    }
    await visitor.open('Shared keys');
    await page.getByRole('button', { name: 'Add a key: Anthropic' }).click();
    await page.getByLabel('Anthropic key').fill('sk-ant-' + 'k'.repeat(200));
    await page.getByRole('button', { name: 'Save the key' }).click();
    await page.getByText('Anthropic takes this key').waitFor();
    await visitor.fits();
    await page.getByRole('button', { name: 'Remove: Anthropic' }).click();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await page.goto('/me/tokens/');
    await page.getByText('t'.repeat(100), { exact: true }).waitFor();
    await visitor.fits();
    await visitor.choose('Revoke', 't'.repeat(100));
    await page.getByRole('button', { name: 'Keep it' }).waitFor();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await visitor.choose('Rename', 't'.repeat(100));
    await page.getByLabel('New name').waitFor();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByLabel('Lines for Claude Code').waitFor();
    await visitor.fits();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.goto('/me/sessions/');
    await page.getByText('This browser').waitFor();
    await visitor.fits();
    await visitor.open('API keys');
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByLabel('Name').fill('k'.repeat(100));
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('it is shown this once').waitFor();
    await visitor.fits();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('button', { name: /^Revoke this key/ }).click();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await visitor.open('Members');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByLabel('Email (optional)').fill(email);
    await page.getByRole('button', { name: 'Create an invite' }).click();
    await page.getByText('they are shown this once').waitFor();
    await visitor.fits();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('button', { name: /^Withdraw/ }).click();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await page.getByLabel(`Role of ${email}`).selectOption('admin');
    await page.getByRole('button', { name: `Change the role of ${email}` }).click();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await visitor.open('Settings');
    await page.getByRole('button', { name: 'Leave the organization' }).click();
    await visitor.fits();
    await page.keyboard.press('Escape');
    await visitor.open('Audit');
    await page.getByRole('table', { name: 'Events' }).waitFor();
    await visitor.fits();
    await page.goto('/me/account/');
    await page.getByText('Signed up').waitFor();
    await visitor.fits();
    await page.getByRole('button', { name: /^Leave/ }).click();
    await visitor.fits();
    const begun = await app.api('POST', 'auth/device/authorize', { body: { client_name: 'd'.repeat(100) } });
    const { user_code } = (await begun.json()) as { user_code: string };
    await page.goto(`/device?user_code=${user_code}`);
    await page.getByRole('heading', { name: 'Is this you?' }).waitFor();
    await visitor.fits();
    await visitor.leave();
    await browser.close();
    await app.close();
  });
});

describe('by keyboard alone', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    visitor = await Visitor.come(browser, app.url);
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  it('a person signs up, stores a key, creates a token, removes the key and signs out', async () => {
    const { page } = visitor;
    const { keyboard } = page;

    /** Presses Tab until that has the focus, and sees that it shows. */
    async function tabTo(name: string, role: 'textbox' | 'button' | 'link' = 'button'): Promise<void> {
      const target = page.getByRole(role, { name, exact: true });
      await target.waitFor();
      for (let presses = 0; presses < 40; presses++) {
        if ((await target.and(page.locator(':focus')).count()) === 1) {
          expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
          return;
        }
        await keyboard.press('Tab');
      }
      throw new Error(`Tab never reaches ${name}`);
    }

    await page.goto('/sign-up');
    await tabTo('Skip to the content', 'link');
    await tabTo('Email', 'textbox');
    await keyboard.type('ada@example.com');
    await tabTo('Password', 'textbox');
    await keyboard.type('correct horse battery');
    await tabTo('Organization', 'textbox');
    await keyboard.type('acme');
    await keyboard.press('Enter');
    await page.waitForURL('**/me/overview/');
    await tabTo('Store a key', 'link');
    await keyboard.press('Enter');
    await page.waitForURL('**/me/keys/');
    await tabTo('Anthropic key', 'textbox');
    await keyboard.type('sk-ant-typed');
    await keyboard.press('Enter');
    await page.getByText('Saved. Anthropic takes this key.').waitFor();
    await page.reload();
    await tabTo('Agents', 'link');
    await keyboard.press('Enter');
    await tabTo('Create token');
    await keyboard.press('Enter');
    await page.getByText('is created and stands in the lines below').waitFor();
    await page.getByRole('button', { name: 'Create another' }).and(page.locator(':focus')).waitFor();
    page.once('dialog', (dialog) => void dialog.accept()); // the browser asks before a token is left that nobody sees again
    await page.goto('/me/keys/');
    await tabTo('Replace: Anthropic');
    await keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'New Anthropic key' }).and(page.locator(':focus')).waitFor();
    await keyboard.type('sk-proj-wrong');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    // Refused: the field that it is about has the focus, and its message is read out with it.
    await page.getByRole('textbox', { name: 'New Anthropic key' }).and(page.locator(':focus')).waitFor();
    await tabTo('Keep the old one');
    await keyboard.press('Enter');
    await page
      .getByRole('button', { name: 'Replace: Anthropic', exact: true })
      .and(page.locator(':focus'))
      .waitFor();
    await tabTo('Remove: Anthropic');
    await keyboard.press('Enter');
    // The question is where the focus is, on the answer that changes nothing; Escape takes it back.
    await page.getByRole('button', { name: 'Keep it' }).and(page.locator(':focus')).waitFor();
    await keyboard.press('Escape');
    await page
      .getByRole('button', { name: 'Remove: Anthropic', exact: true })
      .and(page.locator(':focus'))
      .waitFor();
    await keyboard.press('Space');
    await page.getByRole('button', { name: 'Keep it' }).and(page.locator(':focus')).waitFor();
    await keyboard.press('Shift+Tab');
    await keyboard.press('Enter');
    await page.getByText('Removed.').waitFor();
    await page.reload();
    await tabTo('Your menu: ada@example.com');
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Account' }).and(page.locator(':focus')).waitFor();
    await keyboard.type('si');
    await keyboard.press('ArrowDown');
    await page.getByRole('menuitem', { name: 'Sign out' }).and(page.locator(':focus')).waitFor();
    await keyboard.press('Enter');
    await page.waitForURL('**/sign-in');
  });
});
