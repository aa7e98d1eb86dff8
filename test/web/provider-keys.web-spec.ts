import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, Page } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { join as joinOrg, newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const OPENAI_KEY = 'sk-proj-own-key-0123456789-wXyZ';
const SHARED_KEY = 'sk-proj-shared-key-0123456789-AbCd';

describe('keys of several providers', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let boss: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    owner = await app.signUp(null);
    boss = await come(owner, '/me/keys/');
  });
  afterEach(() => boss.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  async function come({ email, password }: Person, path: string): Promise<Visitor> {
    const visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo(path, email, password);
    return visitor;
  }
  const rowIn = (page: Page, provider: string) =>
    page.getByRole('row').filter({ has: page.getByRole('cell', { name: provider, exact: true }) });
  const row = (provider: string) => rowIn(boss.page, provider);
  const button = (name: string) => boss.page.getByRole('button', { name, exact: true });
  const field = (name: string) => boss.page.getByRole('textbox', { name, exact: true });

  async function add(provider: string, key: string): Promise<void> {
    await button(`Add a key: ${provider}`).click();
    await field(`${provider} key`).and(boss.page.locator(':focus')).fill(key);
    await button('Save the key').click();
  }

  /** The server's answer to a call of this person to OpenAI, and the key that arrived there. */
  async function callOpenai({ token }: { token: string }): Promise<[status: number, key?: string]> {
    const count = app.upstream.requests.length;
    const { status } = await fetch(`${app.url}/proxy/openai/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const arrived = app.upstream.requests[count]?.headers.authorization;
    return arrived === undefined ? [status] : [status, arrived.replace('Bearer ', '')];
  }

  async function shareOpenai(): Promise<void> {
    const body = { key: SHARED_KEY };
    const stored = await app.api('PUT', `orgs/${owner.org}/keys/openai`, { token: owner.token, body });
    expect(stored.status).toBe(204);
  }

  it('a new person sees one form, Anthropic’s, and a quiet row for each other provider', async () => {
    await boss.page
      .getByRole('region', { name: 'Key for Anthropic' })
      .getByText('No key is stored yet')
      .waitFor();
    for (const provider of ['Anthropic', 'OpenAI', 'Gemini', 'OpenRouter'])
      await row(provider).getByText('No key').waitFor();
    expect(await boss.page.locator('input[type=password]').count()).toBe(1);
    await button('Add a key: OpenAI').click();
    await boss.page
      .getByRole('dialog', { name: 'Key for OpenAI' })
      .getByText('It begins with sk-; you create one in')
      .waitFor();
    expect(await boss.page.locator('input[type=password]').count()).toBe(1);
    await boss.isAccessible();
    await button('Cancel').click();
    await button('Add a key: OpenAI').and(boss.page.locator(':focus')).waitFor();
  });

  it('an OpenAI key is tried, stored, used, and its last request shown at its own row', async () => {
    await add('OpenAI', OPENAI_KEY);
    await boss.page.getByText('Saved. OpenAI takes this key.').and(boss.page.locator(':focus')).waitFor();
    await row('OpenAI').getByText('sk-proj-own-…wXyZ').waitFor();
    await row('OpenAI').getByText('Your own').waitFor();
    expect(await callOpenai(owner)).toEqual([200, OPENAI_KEY]);
    await row('OpenAI')
      .getByText(/Last request worked: .*, answered with 200/)
      .waitFor();
    await boss.isAccessible();
    expect(await boss.page.content()).not.toContain(OPENAI_KEY);
    await button('Remove: OpenAI').click();
    await button('Remove the key').click();
    await boss.page.getByText('Removed. Agents that call OpenAI are refused').waitFor();
    expect((await callOpenai(owner))[0]).toBe(401);
  });

  it('a key of another provider is refused at its field, and the words say whose it looks like', async () => {
    await add('OpenAI', 'sk-ant-api03-0123456789');
    await boss.isRefusedAt('OpenAI key', 'This looks like a key for Anthropic, which OpenAI does not take.');
    expect(await button('Save anyway').count()).toBe(0);
    await field('OpenAI key').fill('AIza-of-google');
    await button('Save the key').click();
    await boss.isRefusedAt('OpenAI key', 'This looks like a key for Gemini, which OpenAI does not take.');
    await field('OpenAI key').fill('');
    await button('Save the key').click();
    await boss.isRefusedAt('OpenAI key', 'Enter your key for OpenAI.');
    await boss.isAccessible();
  });

  it('an owner shares a key, and a member without one is told of it and works with it', async () => {
    await boss.open('Shared keys');
    await boss.page.getByRole('heading', { name: /^Shared keys of/ }).waitFor(); // the page before has such a row, too
    await row('OpenAI').getByText('No key').waitFor();
    expect(await boss.page.locator('input[type=password]').count()).toBe(0);
    await boss.isAccessible();
    await add('OpenAI', SHARED_KEY);
    await boss.page.getByText('Saved. OpenAI takes this key.').waitFor();
    await row('OpenAI').getByText('sk-proj-shar…AbCd').waitFor();
    await boss.isAccessible();
    const bob = await newMember(app, owner.org, 'developer');
    const visitor = await come(bob, '/me/keys/');
    await rowIn(visitor.page, 'OpenAI').getByText('Shared by').waitFor();
    expect(await visitor.page.getByText('AbCd').count()).toBe(0);
    expect(await callOpenai(bob)).toEqual([200, SHARED_KEY]);
    await visitor.isAccessible();
    await visitor.leave();
    await button('Remove: OpenAI').click();
    await boss.page.getByText(/Members without a key of their own for OpenAI are refused/).waitFor();
    await boss.isAccessible();
    await button('Remove the key').click();
    await boss.page.getByText('Removed. No key for OpenAI is shared any more.').waitFor();
    expect((await callOpenai(bob))[0]).toBe(401);
  });

  it('a policy is chosen by its explanation, and members see what it means for them', async () => {
    await shareOpenai();
    const bob = await newMember(app, owner.org, 'developer');
    await app.storeKey(bob.token, OPENAI_KEY, 'openai');
    await boss.page.goto(`/orgs/${owner.org}/settings/`);
    expect(await boss.page.getByLabel('May use their own').isChecked()).toBe(true);
    await boss.page.getByLabel('Use the shared ones only').check();
    await boss.page
      .getByRole('region', { name: 'Members’ own keys' })
      .getByRole('button', { name: 'Save' })
      .click();
    await boss.page.getByText('Saved, and in force from the next request on.').waitFor();
    await boss.isAccessible();
    expect(await callOpenai(bob)).toEqual([200, SHARED_KEY]);
    const visitor = await come(bob, '/me/keys/');
    await visitor.page.getByText('A key of your own is kept, but not taken.').waitFor();
    await rowIn(visitor.page, 'OpenAI').getByText('Your own key is not taken').waitFor();
    await rowIn(visitor.page, 'Gemini').getByText('Ask one of its owners or admins.').waitFor();
    await visitor.isAccessible();
    await boss.page.reload();
    await boss.page.getByLabel('Must use their own').check();
    await boss.page
      .getByRole('region', { name: 'Members’ own keys' })
      .getByRole('button', { name: 'Save' })
      .click();
    await boss.page.getByText('Saved, and in force from the next request on.').waitFor();
    await boss.open('Shared keys');
    await row('OpenAI').getByText('Not taken').waitFor();
    await visitor.page.reload();
    await rowIn(visitor.page, 'OpenAI').getByText('Your own', { exact: true }).waitFor();
    await rowIn(visitor.page, 'Gemini')
      .getByText('Agents are refused until you store a key of your own.')
      .waitFor();
    await visitor.leave();
  });

  it('a member finds no page of shared keys, and is refused to its address', async () => {
    const bob = await newMember(app, owner.org, 'developer');
    const visitor = await come(bob, '/me/keys/');
    await visitor.page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
    expect(await visitor.page.getByRole('link', { name: 'Shared keys' }).count()).toBe(0);
    await visitor.page.goto(`/orgs/${owner.org}/keys/`);
    await visitor.page
      .getByRole('alert')
      .getByText(/^Only an owner or admin/)
      .waitFor();
    await visitor.isAccessible();
    await visitor.leave();
  });

  it('who is in two organizations chooses one for sessions, and one for each token', async () => {
    await shareOpenai();
    const kim = await app.signUp(null);
    await joinOrg(app, kim, owner.org, 'developer');
    await app.api('PATCH', 'auth/me', { token: kim.token, body: { current_org: kim.org } });
    const visitor = await come(kim, '/me/keys/');
    const { page } = visitor;
    await rowIn(page, 'OpenAI').getByText('No key').waitFor();
    expect((await callOpenai(kim))[0]).toBe(401);
    await page.getByLabel('Organization').selectOption(owner.org);
    await visitor.isAccessible();
    await page.getByRole('button', { name: 'Switch' }).click();
    await page.getByText(/^Your sessions’ calls belong to .* now\./).waitFor();
    await rowIn(page, 'OpenAI').getByText('Shared by').waitFor();
    expect(await callOpenai(kim)).toEqual([200, SHARED_KEY]);
    await visitor.isAccessible();

    await page.goto('/me/tokens/');
    await page.getByRole('button', { name: 'Create a token' }).click();
    const organization = page.getByRole('dialog').getByLabel('Organization');
    expect(await organization.inputValue()).toBe(owner.org);
    await organization.selectOption(kim.org);
    await page.getByLabel('Name of the token').fill('at home');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('heading', { name: '“at home” is created' }).waitFor();
    const token = /tvp_[0-9a-f]{64}/.exec(await page.content())![0];
    await visitor.isAccessible();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    const listed = page.getByRole('row').filter({ hasText: 'at home' });
    await listed.getByText(kim.org.replace('org-', 'org ')).waitFor();
    await visitor.isAccessible();
    expect((await callOpenai({ token }))[0]).toBe(401);
    await visitor.leave();
  });

  it('each recipe has the base URL of its provider, to be copied', async () => {
    const { page } = boss;
    await boss.open('Agents');
    const tab = (name: string) => page.getByRole('tab', { name, exact: true });
    const text = (label: string) => page.getByLabel(label, { exact: true }).textContent();
    await tab('Claude Code').waitFor();
    expect(await page.getByRole('tab').allTextContents()).toEqual([
      ...['Claude Code', 'Codex', 'Gemini CLI', 'opencode', 'Cursor', 'Cline', 'GSD', 'SDKs', 'curl'],
    ]);
    expect(await text('settings.json for Claude Code')).toContain(`${app.url}/proxy/anthropic`);
    expect(await text('Command for Claude Code')).toMatch(
      /^claude --settings '{"env":{"ANTHROPIC_BASE_URL":/,
    );
    await page.getByText('to NO_PROXY').waitFor();
    await tab('Codex').click();
    expect(await text('config.toml for Codex')).toContain(`base_url = "${app.url}/proxy/openai/v1"`);
    expect(await text('Lines for Codex')).toMatch(/TRACEVAULT_TOKEN.*tvp_…\ncodex$/);
    await button('Copy config.toml').waitFor();
    expect(await button('Copy the lines').count()).toBe(0);
    await boss.isAccessible();
    await page.getByLabel('Provider').selectOption('OpenRouter');
    expect(await text('config.toml for Codex')).toContain(`${app.url}/proxy/openrouter/v1`);
    await tab('Gemini CLI').click();
    expect(await text('Lines for Gemini CLI')).toContain(`${app.url}/proxy/gemini\n`);
    await tab('SDKs').click();
    expect(await text('Code for SDKs')).toContain('new OpenAI()');
    await page.getByLabel('Language').selectOption('Python');
    expect(await text('Code for SDKs')).toContain('client = OpenAI()');
    await boss.isAccessible();
    for (const name of ['opencode', 'Cursor', 'Cline', 'GSD', 'curl']) {
      await tab(name).click();
      await boss.isAccessible();
      await boss.fits();
    }
  });
});

describe('a server with providers of the operator’s choice', () => {
  it('lists those alone, by their labels, and offers the clients that speak to them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'providers-'));
    const path = join(folder, 'providers.json');
    const own = { id: 'azure', dialect: 'openai', base_url: 'http://127.0.0.1:9', label: 'Azure Europe' };
    const off = ['anthropic', 'gemini', 'openrouter'].map((id) => ({ id, enabled: false }));
    await writeFile(path, JSON.stringify([...off, own]));
    const [app, browser] = await Promise.all([
      startWebApp({ TRACEVAULT_PROVIDERS: path, TRACEVAULT_ANTHROPIC_UPSTREAM: undefined }),
      launchBrowser(),
    ]);
    const visitor = await Visitor.come(browser, app.url);
    await visitor.signUp();
    const { page } = visitor;
    await visitor.open('Agents');
    await page.getByRole('tab', { name: 'Codex' }).waitFor();
    expect(await page.getByRole('tab').allTextContents()).toEqual([
      ...['Codex', 'opencode', 'Cursor', 'Cline', 'SDKs', 'curl'],
    ]);
    await visitor.open('Keys');
    await page.getByRole('region', { name: 'Key for OpenAI' }).getByText('No key is stored yet').waitFor();
    await page.getByRole('button', { name: 'Add a key: Azure Europe' }).click();
    await page.getByLabel('Azure Europe key').fill('any-shape-will-do');
    await page.getByRole('button', { name: 'Save the key' }).click();
    await page.getByText(/The key could not be checked: Azure Europe could not be reached/).waitFor();
    await page.getByRole('button', { name: 'Save anyway' }).click();
    await page.getByText('Saved. Nobody has tried whether it works.').waitFor();
    await visitor.isAccessible();
    await visitor.leave();
    await browser.close();
    await app.close();
    await rm(folder, { recursive: true });
  });
});
