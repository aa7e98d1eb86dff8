import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { Browser } from 'playwright-core';
import { securityHeaders } from '../../src/api/security-headers';
import { launchBrowser, Visitor } from './support/browser';

const VITE = join(__dirname, '../../node_modules/vite/bin/vite.js');

/** One page with each part, under the policy of the real ones. */
describe('the parts of the pages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracevault-parts-'));
  let server: Server;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    execFileSync(process.execPath, [
      VITE,
      'build',
      join(__dirname, 'parts'),
      '--outDir',
      folder,
      '--logLevel',
      'warn',
    ]);
    const app = express().use(securityHeaders('http://127.0.0.1'), express.static(folder));
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchBrowser();
    visitor = await Visitor.come(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await page().goto('/');
    await page().getByRole('heading', { name: 'Parts' }).waitFor();
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const page = () => visitor.page;
  const focused = () => page().locator(':focus');
  const names = () =>
    page().getByRole('table', { name: 'Tokens' }).locator('tbody tr td:first-child').allInnerTexts();

  it('are accessible in light and dark, wide and at 320 px', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page().emulateMedia({ colorScheme });
      for (const width of [320, 1280]) {
        await page().setViewportSize({ width, height: 900 });
        await visitor.isAccessible();
        await visitor.fits();
        if (process.env.SCREENSHOTS_PNG !== undefined)
          await page().screenshot({
            path: join(process.env.SCREENSHOTS_PNG, `parts-${colorScheme}-${width}.png`),
          });
      }
    }
  });

  it('a table is sorted, filtered and paged', async () => {
    expect(await names()).toHaveLength(50);
    const spent = page().getByRole('columnheader', { name: 'Spent' });
    await spent.getByRole('button').click();
    expect(await spent.getAttribute('aria-sort')).toBe('descending');
    expect((await names())[0]).toBe('token 27');
    await spent.getByRole('button').click();
    expect(await spent.getAttribute('aria-sort')).toBe('ascending');
    expect((await names())[0]).toBe('token 0');
    await page().getByRole('button', { name: 'Next' }).click();
    await page().getByText('Page 2 of 4').waitFor();
    await page().getByRole('searchbox', { name: 'Filter tokens' }).fill('TOKEN 19');
    await page().getByText('12 of 200').waitFor();
    expect(await names()).toHaveLength(12);
    await page().getByRole('searchbox').fill('nothing of this name');
    await page().getByText('Nothing matches the filter.').waitFor();
    await visitor.isAccessible();
    await page().getByRole('searchbox').fill('');
  });

  it('a number in short has the exact one on hover and on focus, and Escape takes that away', async () => {
    await page().getByRole('searchbox').fill('token 199');
    const exact = page().getByRole('tooltip', { name: '2,456,655 tokens' });
    const short = page().getByText('2.46 M');
    await short.hover();
    await exact.waitFor();
    await page().keyboard.press('Tab');
    await short.locator('..').focus();
    await page().keyboard.press('Escape');
    await exact.waitFor({ state: 'hidden' });
    await page().getByRole('searchbox').fill('');
  });

  it('a chart is walked through by the arrow keys, says each day, and has the same numbers in a table', async () => {
    const last = page().getByRole('img', { name: /^Nov 30:/ });
    await last.focus();
    await page().keyboard.press('ArrowLeft');
    const day = page().getByRole('img', { name: /^Nov 29:/ });
    await day.and(focused()).waitFor();
    await page().getByRole('listitem').filter({ hasText: 'Nov 29' }).waitFor();
    const said = (await day.getAttribute('aria-label'))!;
    await page().keyboard.press('Home');
    await page()
      .getByRole('img', { name: /^Nov 1:/ })
      .and(focused())
      .waitFor();
    await page().getByText('Show as a table').click();
    const row = page().getByRole('row', { name: /^Nov 29/ });
    expect(said).toContain((await row.getByRole('cell').last().innerText()).trim());
    await visitor.isAccessible();
    await page().getByText('Show as a table').click();
  });

  it('a dialog holds the focus, makes the rest inert, and returns the focus', async () => {
    const opener = page().getByRole('button', { name: 'Remove all' });
    await opener.click();
    const dialog = page().getByRole('dialog', { name: 'Remove all tokens?' });
    await dialog.waitFor();
    await visitor.isAccessible();
    expect(await page().evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog.getByText('Removed so far: 1').waitFor();
    await page().keyboard.press('Escape');
    await opener.and(focused()).waitFor();
    expect(await page().getByRole('dialog').count()).toBe(0);
  });

  it('what is said in passing comes from a menu, and is dismissed', async () => {
    await page().getByRole('button', { name: 'Actions for token 0', exact: true }).click();
    await page().getByRole('menuitem', { name: 'Rename' }).click();
    const said = page().getByRole('status').getByText('Renamed token 0');
    await said.waitFor();
    await page().getByRole('button', { name: 'Dismiss' }).click();
    await said.waitFor({ state: 'detached' });
  });
});
