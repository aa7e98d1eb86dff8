import { Browser } from 'playwright-core';
import { TestApp } from '../support/app';
import { UpstreamHandler } from '../support/fake-anthropic';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const WRONG = 'sk-ant-api03-wrong-key-0123456789wXyZ';

const refusing =
  (status: number, message: string): UpstreamHandler =>
  (_, response) =>
    void response.writeHead(status).end(JSON.stringify({ type: 'error', error: { type: 'x', message } }));

describe('a key on its page', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    visitor = await Visitor.come(browser, app.url);
    await visitor.signUp();
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const field = (name: string) => page().getByRole('textbox', { name, exact: true });

  it('that the provider refuses is not saved: its words are read out, and the key stays typed', async () => {
    app.upstream.answerWith(refusing(401, `invalid x-api-key ${WRONG}`));
    await field('Anthropic key').fill(WRONG);
    expect(await button('Save anyway').count()).toBe(0);
    await button('Save the key').click();
    await page()
      .getByRole('alert')
      .getByText('Anthropic refused this key with 401: “invalid x-api-key [key]”. Nothing was stored.')
      .waitFor();
    expect(await field('Anthropic key').inputValue()).toBe(WRONG);
    expect(await page().content()).not.toMatch(/force=true|class="[^"]*good[^"]*"/);
    await visitor.isAccessible();
    await page().reload();
    await page().getByText('No key is stored yet').waitFor();
  });

  it('that nobody can check is not saved either, and the page says why', async () => {
    app.upstream.answerWith(refusing(529, 'Overloaded'));
    await field('Anthropic key').fill(WRONG);
    await button('Save the key').click();
    await page()
      .getByRole('alert')
      .getByText('The key could not be checked: Anthropic answered with 529: “Overloaded”.')
      .waitFor();
    await visitor.isAccessible();
  });

  it('that is typed after another one has nothing said of it yet', async () => {
    await field('Anthropic key').fill(`${WRONG}2`);
    await page().getByText('could not be checked').waitFor({ state: 'detached' });
    expect(await button('Save anyway').count()).toBe(0);
    await field('Anthropic key').fill(WRONG);
    await button('Save anyway').waitFor();
  });

  it('is saved anyway when its owner says so, and shown by its ends', async () => {
    await button('Save anyway').click();
    await page().getByText('Saved. Nobody has tried whether it works.').waitFor();
    await page().getByText('sk-ant-api03…wXyZ').waitFor();
    expect(await page().locator('.notice.warn').count()).toBe(1);
    expect(await page().locator('.notice.good').count()).toBe(0);
    expect(await page().content()).not.toContain(WRONG);
    await visitor.isAccessible();
  });

  it('of another kind is refused at its field, with no way around', async () => {
    await button('Replace: Anthropic').click();
    await field('New Anthropic key').fill('sk-ant-admin01-0123456789');
    await button('Replace the key').click();
    await visitor.isRefusedAt('New Anthropic key', /^This is an admin key/);
    expect(await button('Save anyway').count()).toBe(0);
    await button('Keep the old one').click();
  });

  it('can be removed by whoever asks for it again before the browser has said that the question is closed', async () => {
    await button('Remove: Anthropic').click();
    await button('Keep it').waitFor();
    await page().evaluate(`(async () => {
      const dialog = document.querySelector('dialog[open]');
      const remove = document.querySelector('button[aria-label="Remove: Anthropic"]');
      // As the browser does on Escape; its close event is a task of its own.
      dialog.dispatchEvent(new Event('cancel', { cancelable: true }));
      dialog.close();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      const isClosed = new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
      remove.click();
      await isClosed;
    })()`);
    await button('Keep it').click();
    await button('Keep it').waitFor({ state: 'detached' });
  });

  it('that begins to fail is said to fail at once, in words and not by color alone', async () => {
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    const { token } = (await (await app.api('POST', 'auth/login', { body })).json()) as { token: string };
    const call = async (): Promise<void> => {
      await (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).text();
    };
    app.upstream.answerWithDefault();
    await call();
    await page()
      .getByText(/Last request worked: .*, answered with 200/)
      .waitFor();
    app.upstream.answerWith(refusing(529, 'Overloaded'));
    await call();
    await page().reload();
    await page()
      .getByText(/Last request failed: .*, answered with 529/)
      .waitFor();
    expect(await page().locator('.use.failed').count()).toBe(1);
    await visitor.isAccessible();
  });

  it('that works is saved with a word of it', async () => {
    app.upstream.answerWithDefault();
    await button('Replace: Anthropic').click();
    await field('New Anthropic key').fill('sk-ant-api03-right-key-0123456789AbCd');
    await button('Replace the key').click();
    await page().getByText('Replaced. Anthropic takes this key.').waitFor();
    await page().getByText('sk-ant-api03…AbCd').waitFor();
    await visitor.isAccessible();
  });
});
