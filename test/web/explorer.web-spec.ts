import { Browser } from 'playwright-core';
import { TestApp } from '../support/app';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

describe('the explorer of the API', () => {
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
  const background = () => page().evaluate<string>('getComputedStyle(document.body).backgroundColor');

  it('has the pages’ colors, as the user has chosen them, a first step, and a way back', async () => {
    await page().emulateMedia({ colorScheme: 'light' });
    const light = await background();
    await visitor.page.getByRole('button', { name: /^Your menu/ }).click();
    await page().getByRole('menuitemradio', { name: 'Dark' }).click();
    await page().keyboard.press('Escape');
    const dark = await background();
    expect(dark).not.toBe(light);
    await page().goto('/api/docs');
    await page().getByRole('link', { name: 'Back to the pages' }).waitFor();
    await page().getByText('Signed in to the pages in this browser?').waitFor();
    expect(await background()).toBe(dark);
    await page().evaluate("localStorage.removeItem('tracevault.appearance')");
    await page().reload();
    await page().getByRole('link', { name: 'Back to the pages' }).waitFor();
    expect(await background()).toBe(light);
    await page().getByRole('link', { name: 'Back to the pages' }).click();
    await page().waitForURL('**/me/overview/');
    visitor.complaints.length = 0; // Swagger UI's own
  });
});
