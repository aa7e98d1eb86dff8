import { Browser } from 'playwright-core';
import { UserEntity } from '../../src/auth/user.entity';
import { Person, TestApp } from '../support/app';
import { newMember, rolesOf } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

describe('one’s own account', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
    await app.signUp(null);
  });
  beforeEach(async () => {
    person = await app.signUp();
    visitor = await come(person);
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  async function come({ email, password }: Person): Promise<Visitor> {
    const visitor = await Visitor.come(browser, app.url);
    await visitor.signInTo('/me/account/', email, password);
    await visitor.page.getByText('Signed in with the password').waitFor();
    return visitor;
  }
  const page = () => visitor.page;
  const button = (name: string) => page().getByRole('button', { name, exact: true });
  const call = async () =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } })).status;

  it('gets another name, and none', async () => {
    const name = page().getByLabel('Name', { exact: true });
    await name.fill('Ada Lovelace');
    await button('Save the name').click();
    await page().getByText('Others see you as Ada Lovelace now.').and(page().locator(':focus')).waitFor();
    await page().getByText('Changed the name to “Ada Lovelace”').waitFor();
    await visitor.isAccessible();
    await name.fill('a\u202eb');
    await button('Save the name').click();
    await visitor.isRefusedAt('Name', /^name must not hold characters that nobody sees/);
    await name.fill('');
    await button('Save the name').click();
    await page().getByText('Others see your email alone now.').waitFor();
    await page().getByText('Took the name away').waitFor();
  });

  it('leaves an organization after a question, goes on without any, and is told so', async () => {
    await button(`Leave ${person.org.replace('-', ' ')}`).click();
    await page().getByText('nobody else is in it').waitFor();
    await visitor.isAccessible();
    await button('Leave').click();
    await page().getByText('You are in no organization.').waitFor();
    await page().getByText('Your own key and the proxy work all the same').waitFor();
    await page().getByText('Left an organization').first().waitFor();
    await visitor.isAccessible();
    expect(await rolesOf(app, person)).toEqual({});
    expect(await call()).toBe(200);
    await page().goto('/me/keys/');
    await page()
      .getByText(/^Stored /)
      .waitFor();
  });

  it('is deleted by its password, and the page says before what goes, and after that it is gone', async () => {
    await page().getByRole('heading', { name: 'Delete the account' }).waitFor();
    await page().getByText('It can’t be undone.').waitFor();
    const password = page().getByLabel('Your password', { exact: true });
    await password.fill('not the password');
    await button('Delete my account').click();
    await visitor.isRefusedAt('Your password', 'current_password is not your password. Nothing was deleted.');
    await visitor.isAccessible();
    expect(await call()).toBe(200);
    await password.fill(person.password);
    await button('Delete my account').click();
    await page().waitForURL('**/sign-in*');
    await page().getByText('Your account is deleted.').waitFor();
    await visitor.isAccessible();
    expect(await call()).toBe(401);
    expect(await app.dataSource.getRepository(UserEntity).existsBy({ id: person.userId })).toBe(false);
    expect(await page().evaluate('[localStorage.length, sessionStorage.length]')).toEqual([0, 0]);
    await visitor.signIn(person.email, person.password);
    await page().getByText('The email or the password is wrong.').waitFor();
  });

  it('of the last owner of what others are in stays, and the page says what to do first', async () => {
    await newMember(app, person.org, 'developer');
    await page().getByLabel('Your password', { exact: true }).fill(person.password);
    await button('Delete my account').click();
    await page().getByRole('alert').getByText('Make another member an owner first').waitFor();
    await visitor.isAccessible();
    expect(await call()).toBe(200);
  });
});
