import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Browser } from 'playwright-core';
import { TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const DOCS = join(__dirname, '../../docs/screenshots');
const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1100, height: 900 };

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
    await holds('proxy-empty');
    await page()
      .getByRole('textbox', { name: 'Anthropic key' })
      .fill('sk-ant-invalid-key-of-a-typical-length');
    await page().getByRole('button', { name: 'Save the key' }).click();
    await page().getByText('Anthropic refused this key').waitFor();
    await holds('proxy-refused');
    await page()
      .getByRole('textbox', { name: 'Anthropic key' })
      .fill('sk-ant-api03-key-of-a-typical-length-wXyZ');
    await page().getByRole('button', { name: 'Save the key' }).click();
    await page().getByText('A key is stored since').waitFor();
    await page().getByRole('button', { name: 'Create a token' }).click();
    await page().getByText('is created and stands in the lines below').waitFor();
    const token = /tvp_[0-9a-f]{64}/.exec(await page().content())![0];
    await fetch(`${app.proxyUrl}/v1/models`, {
      headers: { 'x-api-key': token, 'user-agent': 'claude-cli/2.1.330 (external, cli)' },
    });
    await page().getByText('answered with 200').waitFor();
    await holds('proxy');
    await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'user-agent': 'claude-cli/2.1.330 (external, cli)' },
      body: '{"model":"error-529"}',
    });
    await page().reload();
    await page().getByText('answered with 529').waitFor();
    await holds('proxy-failed');
    await makeTokens(app);
    await page().goto('/me/tokens/');
    await page().getByText('Expires in 5 days').waitFor();
    await holds('tokens');
    await page().goto('/me/sessions/');
    await page().getByText('This browser').waitFor();
    await holds('sessions');
    await page().goto('/orgs/acme/api-keys/');
    await page().getByLabel('Name').fill('build server');
    await page().getByRole('button', { name: 'Create a key' }).click();
    await page().getByText('is created. Copy the key now').waitFor();
    await holds('api-keys');
    await makePeople(app);
    await page().goto('/orgs/acme/members/');
    await page().getByLabel('Email (optional)').fill('lin@example.com');
    await page().getByRole('button', { name: 'Create an invite' }).click();
    await page()
      .getByText(/^developer · until/)
      .waitFor();
    await holds('members');
    await page().getByRole('button', { name: 'Deactivate bob@example.com' }).click();
    await holds('members-question');
    await page().keyboard.press('Escape');
    await page().getByLabel('Role of bob@example.com').selectOption('owner');
    await page().getByRole('button', { name: 'Make owner' }).waitFor();
    await holds('members-role');
    await page().goto('/me/account/');
    await page().getByText('Signed up').waitFor();
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
  }, 300_000);

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

async function sessionOf(app: TestApp): Promise<string> {
  const body = { email: 'ada@example.com', password: 'correct horse battery' };
  return ((await (await app.api('POST', 'auth/login', { body })).json()) as { token: string }).token;
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

describe('at 360 px, the longest that is allowed', () => {
  it('fits on every page', async () => {
    const [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    const visitor = await Visitor.come(browser, app.url, { viewport: NARROW });
    const { page } = visitor;
    const email = `${'e'.repeat(60)}@${'example'.repeat(8)}.com`;
    await visitor.signUp(email, 'correct horse battery', 'o'.repeat(60));
    await page.getByLabel('Name of the token').fill('t'.repeat(100));
    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByText('is created and stands in the lines below').waitFor();
    await visitor.fits();
    await page.goto('/me/tokens/');
    await page.getByText('t'.repeat(100)).waitFor();
    await visitor.fits();
    await page.getByRole('button', { name: /^Revoke this token/ }).click();
    await visitor.fits();
    await page.getByRole('button', { name: /^Rename/ }).click();
    await visitor.fits();
    await page.goto('/me/sessions/');
    await page.getByText('This browser').waitFor();
    await visitor.fits();
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByLabel('Name').fill('k'.repeat(100));
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByRole('button', { name: /^Revoke this key/ }).click();
    await visitor.fits();
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByLabel('Email (optional)').fill(email);
    await page.getByRole('button', { name: 'Create an invite' }).click();
    await page.getByText('they are shown this once').waitFor();
    await page.getByRole('button', { name: /^Withdraw/ }).click();
    await page.getByLabel(`Role of ${email}`).selectOption('admin');
    await page.getByRole('button', { name: 'Leave the organization' }).click();
    await visitor.fits();
    await page.getByRole('link', { name: 'Account' }).click();
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
    await page.waitForURL('**/me/proxy/');
    await tabTo('Anthropic key', 'textbox');
    await keyboard.type('sk-ant-typed');
    await keyboard.press('Enter');
    await page.getByText('It is encrypted').waitFor();
    await tabTo('Create a token');
    await keyboard.press('Enter');
    await page.getByText('is created and stands in the lines below').waitFor();
    await page.getByRole('button', { name: 'Create another' }).and(page.locator(':focus')).waitFor();
    await page.reload();
    await tabTo('Replace');
    await keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'New Anthropic key' }).and(page.locator(':focus')).waitFor();
    await keyboard.type('sk-proj-wrong');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    // Refused: the field that it is about has the focus, and its message is read out with it.
    await page.getByRole('textbox', { name: 'New Anthropic key' }).and(page.locator(':focus')).waitFor();
    await tabTo('Keep the old one');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Replace', exact: true }).and(page.locator(':focus')).waitFor();
    await tabTo('Remove');
    await keyboard.press('Enter');
    // The question is where the focus is, on the answer that changes nothing; Escape takes it back.
    await page.getByRole('button', { name: 'Keep it' }).and(page.locator(':focus')).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove', exact: true }).and(page.locator(':focus')).waitFor();
    await keyboard.press('Space');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Enter');
    await page.getByText('Removed.').waitFor();
    await page.reload();
    await tabTo('Sign out');
    await keyboard.press('Enter');
    await page.waitForURL('**/sign-in');
  });
});
