import { Browser } from 'playwright-core';
import { TestApp } from '../support/app';
import { Cli } from '../support/cli';
import { TestProcess } from '../support/process';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

describe('approving a login of the command', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let cli: Cli;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    visitor = await Visitor.come(browser, app.url);
    await visitor.signUp();
  });
  beforeEach(async () => {
    cli = await Cli.inNewHome();
  });
  afterAll(async () => {
    await visitor.leave();
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;

  /** The real command, and the address that it shows. */
  async function login(): Promise<{ command: TestProcess; address: string; code: string }> {
    const command = cli.start(['login', '--server', app.url]);
    await new Promise((resolve) => command.child.stderr?.once('data', resolve));
    const [address, code] = /http\S+user_code=([A-Z-]{9})/.exec(command.errors)!;
    return { command, address, code: code! };
  }

  it('the address that it shows leads to who asks, and a yes signs it in', async () => {
    const { command, address, code } = await login();
    await page().goto(address);
    await page().getByRole('heading', { name: 'Is this you?' }).waitFor();
    await page().getByText(code, { exact: true }).waitFor();
    await page()
      .getByText(/^tracevault on /)
      .waitFor();
    await page().getByText('127.0.0.1', { exact: true }).waitFor();
    await visitor.isAccessible();
    await page().getByRole('button', { name: 'Approve' }).click();
    await page().getByRole('heading', { name: 'Approved' }).waitFor();
    await visitor.isAccessible();
    expect(await command.exit).toBe(0);
    expect(await cli.credentials()).toMatchObject({ server_url: app.url, email: 'ada@example.com' });
    expect((await cli.run(['whoami'])).out).toContain('ada@example.com');
  });

  it('a code is typed in as people type, and a no is told to the command', async () => {
    const { command, code } = await login();
    await page().goto('/device');
    await visitor.isAccessible();
    await page()
      .getByLabel('Code')
      .fill(` ${code.toLowerCase().replace('-', ' ')} `);
    await page().getByRole('button', { name: 'Continue' }).click();
    await page().getByRole('button', { name: 'Deny' }).click();
    await page().getByRole('heading', { name: 'Denied' }).waitFor();
    expect(await command.exit).toBe(1);
    expect(command.errors).toMatch(/denied/i);
    await page().getByRole('button', { name: 'Enter another code' }).click();
    expect(await page().getByLabel('Code').inputValue()).toBe('');
  });

  it('a code that nobody waits under is refused at its field', async () => {
    await page().goto('/device?user_code=BCDF-GHJK');
    await page().getByText('No login waits under this code.').waitFor();
    expect(await page().getByLabel('Code').getAttribute('aria-invalid')).toBe('true');
    expect(await page().getByLabel('Code').inputValue()).toBe('BCDF-GHJK');
    await visitor.isAccessible();
  });

  it('one that was decided in the meantime can’t be decided again', async () => {
    const { command, address, code } = await login();
    await page().goto(address);
    await page().getByRole('heading', { name: 'Is this you?' }).waitFor();
    const other = await app.signUp(null);
    await app.api('POST', 'auth/device/approve', {
      token: other.token,
      body: { user_code: code, action: 'deny' },
    });
    await page().getByRole('button', { name: 'Approve' }).click();
    await page().getByText('No login waits under this code.').waitFor();
    expect(await command.exit).toBe(1);
  });

  it('who is not signed in comes back to the code after signing in', async () => {
    const { command, address } = await login();
    const stranger = await Visitor.come(browser, app.url);
    await stranger.page.goto(address);
    await stranger.page.waitForURL('**/sign-in?return=*');
    await stranger.page.getByText('You come back to where you were.').waitFor();
    await stranger.signIn();
    await stranger.page.getByRole('button', { name: 'Approve' }).click();
    await stranger.page.getByRole('heading', { name: 'Approved' }).waitFor();
    expect(await command.exit).toBe(0);
    await stranger.leave();
  });
});
