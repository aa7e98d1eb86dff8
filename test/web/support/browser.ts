import { existsSync } from 'node:fs';
import { Browser, BrowserContext, BrowserContextOptions, chromium, Page } from 'playwright-core';
import { AxeResults, RunOptions, source as axe } from 'axe-core';

/** The first is Chromium without windows and what they need, which takes half of the time. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** No traffic of the browser's own: the tests talk to this machine alone. */
const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP lan.test 127.0.0.1', // an address that the browser does not trust, as over a LAN
];

/** @throws Error that says how to get one, when there is no browser on this machine. */
export async function launchBrowser(): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env;
  const executablePath = CHROMIUM_PATH ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined || !existsSync(executablePath)) {
    throw new Error(
      'No browser found. Install one (Debian: apt-get install chromium-headless-shell; macOS: brew install --cask chromium), ' +
        'or say where it is with CHROMIUM_PATH.',
    );
  }
  return chromium.launch({ executablePath, args: ARGUMENTS, chromiumSandbox: process.getuid?.() !== 0 });
}

/** One browser's profile with one page, and what must not happen in it. */
export class Visitor {
  /** What the page complained about; a test that expects complaints empties it. */
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async come(
    browser: Browser,
    baseURL: string,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL,
      locale: 'en-US',
      timezoneId: 'UTC',
      viewport: { width: 1100, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(15_000);
    const visitor = new Visitor(context, await context.newPage());
    const { page, complaints, requests } = visitor;
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // Chromium itself notes each answer of 400 and above; the page deals with those.
      if (
        ['error', 'warning'].includes(message.type()) &&
        !message.text().startsWith('Failed to load resource')
      )
        complaints.push(message.text());
    });
    page.on('request', (request) => requests.push(request.url()));
    return visitor;
  }

  async signUp(
    email = 'ada@example.com',
    password = 'correct horse battery',
    organization = 'acme',
  ): Promise<void> {
    await this.page.goto('/sign-up');
    await this.fillSignUp(email, password, 'Organization', organization);
    await this.arrives();
  }

  /** On a server that takes people by invite. */
  async signUpWith(invite: string, email: string, password = 'correct horse battery'): Promise<void> {
    await this.page.goto('/sign-up');
    await this.fillSignUp(email, password, 'Invite code', invite);
    await this.arrives();
  }

  async fillSignUp(email: string, password: string, place: string, value: string): Promise<void> {
    const { page } = this;
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByLabel(place).fill(value);
    await page.getByRole('button', { name: 'Sign up' }).click();
  }

  /** The first page is the overview; what most tests begin with is on the page of keys. */
  private async arrives(): Promise<void> {
    await this.page.waitForURL('**/me/overview/');
    await this.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await this.page.goto('/me/keys/');
    await this.page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
  }

  async signIn(email = 'ada@example.com', password = 'correct horse battery'): Promise<void> {
    const { page } = this;
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Signs in on the way to that page, and waits until it is loaded there and not in the address of the sign-in page. */
  async signInTo(path: string, email: string, password: string): Promise<void> {
    await this.page.goto(`/sign-in?return=${encodeURIComponent(path)}`);
    await this.signIn(email, password);
    await this.page.waitForURL(({ pathname }) => pathname === new URL(path, this.page.url()).pathname);
  }

  /** By the menu behind the avatar. */
  async signOut(page = this.page): Promise<void> {
    await page.getByRole('button', { name: /^Your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
  }

  /** By the switcher of the navigation. */
  async switchTo(organization: string): Promise<void> {
    await this.page.getByRole('button', { name: /^Organization:/ }).click();
    await this.page.getByRole('menuitem', { name: organization, exact: true }).click();
  }

  /** Opens the page behind a link of the navigation, which is in a drawer where there is no room. */
  async open(link: string): Promise<void> {
    const opener = this.page.getByRole('button', { name: 'Open the navigation' });
    await this.page.getByRole('navigation').or(opener).first().waitFor();
    if (await opener.isVisible()) await opener.click();
    await this.page.getByRole('navigation').getByRole('link', { name: link, exact: true }).click();
  }

  /** Chooses an action of a row's menu. */
  async choose(action: string, of: string): Promise<void> {
    await this.page.getByRole('button', { name: `Actions for ${of}`, exact: true }).click();
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }

  /** That message stands at that field, and is read out with it. */
  async isRefusedAt(label: string, message: string | RegExp): Promise<void> {
    const field = this.page.getByLabel(label, { exact: true });
    await this.page.getByText(message).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    const described = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
    const texts = await Promise.all(described.map((id) => this.page.locator(`[id="${id}"]`).textContent()));
    expect(texts).toContainEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  }

  /** Fails with what axe finds. */
  async isAccessible(): Promise<void> {
    await this.page.waitForLoadState();
    if ((await this.page.evaluate('typeof axe')) === 'undefined') await this.page.evaluate(axe);
    const results = (await this.page.evaluate(
      (options) => (globalThis as unknown as { axe: { run(o: RunOptions): unknown } }).axe.run(options),
      { resultTypes: ['violations'] } satisfies RunOptions,
    )) as AxeResults;
    const found = results.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    );
    expect([this.page.url(), found]).toEqual([this.page.url(), []]);
  }

  /** Nothing has to be scrolled sideways. */
  async fits(): Promise<void> {
    const [inner, scroll] = await this.page.evaluate<[number, number]>(
      '[document.documentElement.clientWidth, document.documentElement.scrollWidth]',
    );
    expect([this.page.url(), scroll]).toEqual([this.page.url(), inner]);
  }

  /** At the end: nothing to complain about, and nobody else was asked anything. */
  async leave(): Promise<void> {
    const origin = new URL(this.page.url()).origin;
    expect(this.complaints).toEqual([]);
    expect(this.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual(
      [],
    );
    await this.context.close();
  }
}
