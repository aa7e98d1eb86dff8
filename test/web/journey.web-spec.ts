import Anthropic from '@anthropic-ai/sdk';
import { Browser } from 'playwright-core';
import { TestApp } from '../support/app';
import { PAGE_SHARE } from '../support/page-session';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const KEY = 'sk-ant-api03-journey-canary';

describe('from sign-up to a streamed request', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    visitor = await Visitor.come(browser, app.url);
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const button = (name: string | RegExp) => page().getByRole('button', { name });
  const field = (name: string) => page().getByRole('textbox', { name });
  const alert = () => page().getByRole('alert');
  const copied = () => page().evaluate<string>('navigator.clipboard.readText()');
  const halvesOfSession = async () => {
    const cookies = await visitor.context.cookies();
    const cookie = cookies.find(({ name }) => name.startsWith('tracevault_session_'));
    const share = await page().evaluate<string>("localStorage.getItem('tracevault.page-share')");
    return { share, cookie: cookie! };
  };

  it('a new server greets whoever opens it, and explains', async () => {
    await page().goto('/');
    await page().getByRole('heading', { name: 'Welcome to TraceVault' }).waitFor();
    expect(new URL(page().url()).pathname).toBe('/sign-up');
    expect(await page().getByRole('listitem').allTextContents()).toHaveLength(3);
    await visitor.isAccessible();
  });

  it('each refusal stands at its field in the server’s words, and nothing typed is lost', async () => {
    await page().getByLabel('Email').fill('ada');
    await page().getByLabel('Password').fill('short');
    await page().getByLabel('Organization').fill('!!');
    await button('Sign up').click();
    for (const [label, message] of [
      ['Email', 'email must be an email'],
      ['Password', 'password must have 10 to 128 characters'],
      ['Organization', 'org_name must hold at least one letter a to z or digit'],
    ] as const) {
      await visitor.isRefusedAt(label, message);
    }
    expect(await page().getByLabel('Email').inputValue()).toBe('ada');
    await visitor.isAccessible();
  });

  it('signing up leads to the page of the key', async () => {
    await visitor.signUp();
    await page().getByText('No key is stored yet').waitFor();
    await visitor.isAccessible();
  });

  it('a key that can’t be one is refused at its field', async () => {
    await field('Anthropic key').fill('sk-proj-not-ours');
    await button('Save the key').click();
    await visitor.isRefusedAt(
      'Anthropic key',
      'This looks like a key for OpenAI, which Anthropic does not take.',
    );
    await visitor.isAccessible();
  });

  it('the key is saved, its field is gone, and a reload shows since when', async () => {
    await field('Anthropic key').fill(KEY);
    await button('Save the key').click();
    await page()
      .getByText('Saved. Anthropic takes this key. It is encrypted, and used from the next request on.')
      .waitFor();
    expect(await page().locator('input[type=password]').count()).toBe(0);
    expect(await page().content()).not.toContain(KEY);
    await page().reload();
    await page()
      .getByText(/^Stored /)
      .waitFor();
    await page().getByText('sk-ant-api03…nary').waitFor();
    await page().getByText('No request has come through with it yet').waitFor();
    await visitor.isAccessible();
  });

  it('the lines hold a token of their own, and are copied', async () => {
    await visitor.open('Agents');
    await page().getByRole('heading', { name: 'Connect an agent' }).waitFor();
    await page().getByLabel('Lines for Claude Code').waitFor();
    expect(await page().getByLabel('settings.json for Claude Code').textContent()).toContain(
      '"apiKeyHelper": "tracevault proxy token"',
    );
    expect(await page().getByLabel('Lines for Claude Code').textContent()).toContain(
      'ANTHROPIC_API_KEY=tvp_…',
    );
    expect(await button('Copy the lines').count()).toBe(0);
    await page().getByLabel('Name of the token').fill('ada-laptop');
    await button('Create token').click();
    await page().getByText('“ada-laptop” is created').waitFor();
    await button('Copy the lines').click();
    await button('Copied the lines').waitFor();
    expect(await copied()).toMatch(
      new RegExp(
        `^export ANTHROPIC_BASE_URL=${app.proxyUrl}\nexport ANTHROPIC_API_KEY=tvp_[0-9a-f]{64}\nclaude$`,
      ),
    );
    await visitor.isAccessible();
  });

  it('an SDK that is set up with them streams an answer, and the page says so by itself', async () => {
    const env = Object.fromEntries(
      [...(await copied()).matchAll(/^export (\w+)=(.*)$/gm)].map(([, ...pair]) => pair),
    );
    const client = new Anthropic({ baseURL: env.ANTHROPIC_BASE_URL, apiKey: env.ANTHROPIC_API_KEY });
    const message = {
      model: 'claude-sonnet-5-5',
      max_tokens: 64,
      messages: [{ role: 'user' as const, content: 'Hi' }],
    };
    const answer = await client.messages.stream(message).finalText();
    expect(answer).not.toBe('');
    expect(app.upstream.last.headers['x-api-key']).toBe(KEY);
    const other = await visitor.context.newPage(); // the lines stay where they are
    await other.goto('/me/keys/');
    await other.getByText(/Last request worked: .*, answered with 200/).waitFor();
    await other.getByText(/^Anthropic SDK for JavaScript \d/).waitFor();
    await other.close();
  });

  it('the tabs have the same for SDKs, GSD and Cursor, for each shell, by keyboard', async () => {
    const lines = async (agent: string) => page().getByLabel(`Lines for ${agent}`).textContent();
    await page().getByRole('tab', { name: 'curl' }).focus();
    await page().keyboard.press('ArrowLeft');
    expect(await lines('SDKs')).toMatch(
      /^export ANTHROPIC_BASE_URL=.*\nexport ANTHROPIC_API_KEY=tvp_[0-9a-f]{64}$/,
    );
    await page().getByLabel('Shell').selectOption('fish');
    await page().getByRole('tab', { name: 'GSD' }).click();
    expect(await lines('GSD')).toMatch(/^set -gx ANTHROPIC_BASE_URL .*\ngsd$/s);
    await page().getByRole('tab', { name: 'Cursor' }).click();
    expect(await page().getByLabel('Values for Cursor').textContent()).toContain(app.proxyUrl);
    await button('Copy the base URL').click();
    await button('Copied the base URL').waitFor();
    expect(await copied()).toBe(app.proxyUrl);
    await visitor.isAccessible();
  });

  it('the token is shown once: a reload knows it no more', async () => {
    await page().reload();
    await page().getByLabel('Lines for Claude Code').waitFor();
    expect(await page().content()).not.toMatch(/tv[ps]_[0-9a-f]{64}/);
  });

  it('the key is replaced, and removed only after a question', async () => {
    await visitor.open('Keys');
    await button('Replace: Anthropic').click();
    await field('New Anthropic key').fill(`${KEY}-2`);
    await button('Replace the key').click();
    await page().getByText('Replaced. Anthropic takes this key.').waitFor();
    await page().getByText('No request has come through with it yet').waitFor();
    await button('Remove: Anthropic').click();
    await page().getByText('until you store one again').waitFor();
    await visitor.isAccessible();
    await button('Keep it').click();
    await button('Remove: Anthropic').click();
    await button('Remove the key').click();
    await page().getByText('No key is stored yet').waitFor();
    expect(await field('Anthropic key').inputValue()).toBe('');
    await visitor.isAccessible();
  });

  it('from each page a link leads to each, and the one that is open is marked', async () => {
    const links = [
      ...['Overview', 'Traces', 'Requests', 'Usage', 'Agents', 'Tokens', 'Keys'],
      ...['Usage by person', 'All traces', 'All requests', 'Members', 'Limits'],
      ...['Shared keys', 'API keys', 'Settings', 'Audit'],
    ];
    const nav = page().getByRole('navigation');
    for (const from of links) {
      await nav.getByRole('link', { name: from, exact: true }).click();
      await page().locator('nav [aria-current=page]').getByText(from, { exact: true }).waitFor();
      await page().getByRole('heading', { level: 1 }).waitFor();
      expect(await nav.getByRole('link').allTextContents()).toEqual(links);
    }
  });

  it('the sessions list this browser, and one that began elsewhere, which is revoked there', async () => {
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    const headers = { 'user-agent': 'tracevault-cli/1' };
    expect((await app.api('POST', 'auth/login', { body, headers })).status).toBe(200);
    await page().goto('/me/sessions/');
    const elsewhere = page().getByRole('row').filter({ hasText: 'tracevault-cli/1' });
    await elsewhere.waitFor();
    await page().getByText('This browser').waitFor();
    await visitor.isAccessible();
    await elsewhere.getByRole('button', { name: /^Revoke this session/ }).click();
    await visitor.isAccessible();
    await elsewhere.getByRole('button', { name: 'Revoke session' }).click();
    await page().getByText('The session is revoked.').waitFor();
    expect(await elsewhere.count()).toBe(0);
    for (let count = 0; count < 2; count++) await app.api('POST', 'auth/login', { body, headers });
    await page().reload();
    await button('Sign out all others').click();
    await page().getByText('This browser stays signed in.').waitFor();
    await visitor.isAccessible();
    await button('Sign them out').click();
    await page().getByText('You are signed out everywhere else.').waitFor();
    expect(await page().getByRole('table', { name: 'Sessions' }).getByRole('row').count()).toBe(2);
    expect(await button('Sign out all others').count()).toBe(0);
  });

  it('an organization’s key is created, shown once, listed and revoked', async () => {
    await page().goto('/orgs/acme/api-keys/');
    await page().getByText('There is no key yet.').waitFor();
    await visitor.isAccessible();
    await button('Create a key').click();
    await button('Create key').click();
    await page().getByText('name must have 1 to 100 characters').waitFor();
    await visitor.isAccessible();
    await page().getByLabel('Name').fill('build server');
    await button('Create key').click();
    await page().getByText('it is shown this once').waitFor();
    await button('Copy the key').click();
    await button('Copied the key').waitFor();
    expect(await copied()).toMatch(/^tvk_[0-9a-f]{64}$/);
    await visitor.isAccessible();
    await page().reload();
    await page().getByRole('row').filter({ hasText: 'build server' }).waitFor();
    expect(await page().content()).not.toMatch(/tvk_[0-9a-f]{64}/);
    await button(/^Revoke this key/).click();
    await button('Revoke key').click();
    await page().getByText('There is no key yet.').waitFor();
  });

  it('no credential is in the browser’s storage, in a URL, or where a script can read it', async () => {
    const { kept, ...nothing } = await page().evaluate<{ kept: Record<string, string> }>(
      '({ kept: { ...localStorage }, session: sessionStorage.length, cookie: document.cookie })',
    );
    expect(nothing).toEqual({ session: 0, cookie: '' });
    expect(kept).toEqual({ 'tracevault.page-share': expect.stringMatching(/^[0-9a-f]{64}$/) });
    const cookies = await visitor.context.cookies();
    expect(cookies.map(({ name }) => name)).toContain(`tracevault_session_${app.port}`);
    for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const halves = [...Object.values(kept), ...cookies.map(({ value }) => value)];
    const secret = new RegExp(['tvs_', 'tvk_', 'sk-ant', 'password', ...halves].join('|'));
    expect(visitor.requests.filter((url) => secret.test(url))).toEqual([]);
  });

  it('what the browser keeps opens nothing: not the page’s share, not the cookie, but both together', async () => {
    const { share, cookie } = await halvesOfSession();
    const status = async (url: string, headers: Record<string, string>) =>
      (await fetch(url, { headers })).status;
    for (const url of [`${app.url}/api/v1/auth/me`, `${app.proxyUrl}/v1/models`]) {
      expect(await status(url, { [PAGE_SHARE]: share })).toBe(401);
      expect(await status(url, { cookie: `${cookie.name}=${cookie.value}` })).toBe(401);
      for (const half of [share, cookie.value]) {
        for (const credential of [half, `tvs_${half}`]) {
          expect(await status(url, { authorization: `Bearer ${credential}` })).toBe(401);
          expect(await status(url, { 'x-api-key': credential })).toBe(401);
          expect(await status(url, { cookie: `${cookie.name}=${credential}` })).toBe(401);
        }
      }
    }
    const both = { cookie: `${cookie.name}=${cookie.value}`, [PAGE_SHARE]: share };
    expect(await status(`${app.url}/api/v1/auth/me`, both)).toBe(200);
    expect(await status(`${app.proxyUrl}/v1/models`, both)).toBe(401);
  });

  it('signing out revokes the session, and the way back leads to where one was', async () => {
    const { share, cookie } = await halvesOfSession();
    await visitor.signOut();
    await visitor.isAccessible();
    const headers = { cookie: `${cookie.name}=${cookie.value}`, [PAGE_SHARE]: share };
    expect((await app.api('GET', 'auth/me', { headers })).status).toBe(401);
    expect(await page().evaluate('localStorage.length')).toBe(0);
    await page().goto('/me/sessions/');
    await page().waitForURL('**/sign-in?return=%2Fme%2Fsessions%2F');
    await visitor.signIn('ada@example.com', 'not the password');
    await alert().getByText('The email or the password is wrong.').waitFor();
    await visitor.isAccessible();
    await visitor.signIn();
    await page().waitForURL('**/me/sessions/');
    await page().getByText('This browser').waitFor();
  });

  it('no error and no breach of the security policy was in the console, and nobody else was asked', async () => {
    await visitor.leave();
  });
});
