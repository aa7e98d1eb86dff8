import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember, rolesOf } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

describe('the page of an organization', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let bob: Person;
  let visitor: Visitor;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    owner = await app.signUp(null);
    bob = await newMember(app, owner.org, 'developer');
    visitor = await come(owner);
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  async function come({ email, password }: Person): Promise<Visitor> {
    const visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo(`/orgs/${owner.org}/members/`, email, password);
    await visitor.page.getByRole('table', { name: 'Members' }).waitFor();
    return visitor;
  }
  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const changeOf = ({ email }: Person) => button(`Change the role of ${email}`);
  const roleOf = ({ email }: Person) => page().getByLabel(`Role of ${email}`, { exact: true });

  it('changes a role after a question that says what it means; another choice takes it back', async () => {
    await roleOf(bob).selectOption('owner');
    await changeOf(bob).click();
    await page()
      .getByText(`Make ${bob.email} owner? They then have a say over the other owners, you among them.`)
      .waitFor();
    await visitor.isAccessible();
    await button('Leave it at developer').click();
    await changeOf(bob).waitFor({ state: 'hidden' });
    expect(await roleOf(bob).inputValue()).toBe('developer');
    await roleOf(bob).selectOption('admin');
    await changeOf(bob).click();
    await button('Make admin').click();
    await page().getByText(`${bob.email} is admin now.`).and(page().locator(':focus')).waitFor();
    expect(await rolesOf(app, bob)).toEqual({ [owner.org]: 'admin' });
    await visitor.isAccessible();
  });

  it('tells a refusal, and shows the role that there is', async () => {
    await roleOf(owner).selectOption('developer');
    await changeOf(owner).click();
    await page().getByText('You lose this page, and only an owner can give the role back.').waitFor();
    await button('Make me developer').click();
    await page().getByRole('alert').getByText('You are the last owner of').waitFor();
    expect(await roleOf(owner).inputValue()).toBe('owner');
    await visitor.isAccessible();
  });

  it('gives nobody more than an admin has to give', async () => {
    const admin = await newMember(app, owner.org, 'admin');
    await visitor.leave();
    visitor = await come(admin);
    expect(await roleOf(bob).getByRole('option').allTextContents()).toEqual(['developer', 'admin']);
    expect(await roleOf(owner).count()).toBe(0);
    await roleOf(admin).selectOption('developer');
    await changeOf(admin).click();
    await button('Make me developer').click();
    await page().waitForURL('**/me/account/');
    await page()
      .getByText(/, as developer$/)
      .waitFor();
  });

  it('renames the organization, and every place shows the new name', async () => {
    await visitor.open('Settings');
    const name = page().getByLabel('Name', { exact: true });
    await name.fill('Acme Inc.');
    await button('Rename').click();
    await page().getByText('It is called Acme Inc. now.').and(page().locator(':focus')).waitFor();
    await page().getByRole('heading', { name: 'Settings of Acme Inc.' }).waitFor();
    expect(await page().title()).toBe('Settings of Acme Inc. · TraceVault');
    await visitor.isAccessible();
    await name.fill('');
    await button('Rename').click();
    await page()
      .getByRole('heading', { name: `Settings of ${owner.org}` })
      .waitFor();
    await name.fill('x'.repeat(61));
    await button('Rename').click();
    await visitor.isRefusedAt('Name', 'display_name must have 1 to 60 characters');
    await name.fill('Acme Inc.');
    await button('Rename').click();
    await page().goto(`/orgs/${owner.org}/api-keys/`);
    await page().getByRole('heading', { name: 'API keys of Acme Inc.' }).waitFor();
  });

  it('is left by its own button, after a question; the last owner hears what to do first', async () => {
    await visitor.open('Settings');
    await button('Leave the organization').click();
    await visitor.isAccessible();
    await button('Leave').click();
    await page().getByRole('alert').getByText('Make another member an owner first').waitFor();
    await visitor.open('Members');
    await roleOf(bob).selectOption('owner');
    await changeOf(bob).click();
    await button('Make owner').click();
    await page().getByText(`${bob.email} is owner now.`).waitFor();
    await visitor.open('Settings');
    await button('Leave the organization').click();
    await button('Leave').click();
    await page().waitForURL('**/me/account/');
    await page().getByText('You are in no organization.').waitFor();
    expect(await rolesOf(app, bob)).toEqual({ [owner.org]: 'owner' });
    await visitor.isAccessible();
  });

  it('is deleted by an owner who types its name, and others read of it', async () => {
    await visitor.open('Settings');
    await button('Delete the organization').click();
    const question = page().getByRole('dialog');
    const [field, yes] = [
      question.getByLabel(`Type “${owner.org}” to confirm`),
      question.getByRole('button', { name: 'Delete it for good' }),
    ];
    await field.and(page().locator(':focus')).waitFor();
    const { y, height } = (await question.boundingBox())!;
    expect(Math.abs(y + height / 2 - 450)).toBeLessThan(2); // in the middle, also as the last thing of its card
    await visitor.isAccessible();
    await field.fill('another');
    await yes.click();
    await visitor.isRefusedAt(
      `Type “${owner.org}” to confirm`,
      `Type “${owner.org}” to delete it. Nothing was deleted.`,
    );
    await visitor.isAccessible();
    await question.getByRole('button', { name: 'Keep it' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await rolesOf(app, bob)).toMatchObject({ [owner.org]: expect.any(String) });
    await page().setViewportSize({ width: 320, height: 640 });
    await button('Delete the organization').click();
    expect(await field.inputValue()).toBe('');
    await visitor.fits();
    await visitor.isAccessible();
    await field.fill(` ${owner.org} `);
    await yes.click();
    await page().waitForURL('**/me/account/');
    await page().getByText('You are in no organization.').waitFor();
    await page().getByText(`Deleted an organization: “${owner.org}”`).waitFor();
    expect(await rolesOf(app, bob)).not.toHaveProperty(owner.org);
    await visitor.isAccessible();
    await visitor.signOut();
    await visitor.signInTo('/me/account/', bob.email, bob.password);
    await page()
      .getByText(`An organization that this account was in was deleted: “${owner.org}”, by ${owner.email}`)
      .waitFor();
  });

  it('is not offered to admins for deletion', async () => {
    const admin = await newMember(app, owner.org, 'admin');
    await visitor.signOut();
    await visitor.signInTo(`/orgs/${owner.org}/settings/`, admin.email, admin.password);
    await button('Leave the organization').waitFor();
    expect(await button('Delete the organization').count()).toBe(0);
  });
});
