import { lookup } from 'node:dns/promises';
import { isCommonPassword } from './acceptable-password';
import { PasswordHasher } from './password-hasher';
import { Semaphore } from './semaphore';

describe('PasswordHasher', () => {
  const passwords = new PasswordHasher();

  it('knows a password from another one', async () => {
    const encoded = await passwords.hash('the right one');
    expect(await passwords.verify(encoded, 'the right one')).toBe(true);
    expect(await passwords.verify(encoded, 'the wrong one')).toBe(false);
  });

  it('never matches where there is no user', async () => {
    expect(await passwords.verify(undefined, 'anything')).toBe(false);
    expect(await passwords.verify(undefined, '')).toBe(false);
  });

  it('takes both Unicode forms of a password for one', async () => {
    const [composed, decomposed] = ['Zoë’s café', 'Zoë’s café'.normalize('NFD')];
    expect(await passwords.verify(await passwords.hash(composed), decomposed)).toBe(true);
    expect(await passwords.verify(await passwords.hash(decomposed), composed)).toBe(true);
  });

  it.each([
    ['one run of argon2', 'Zoë', 1],
    ['two runs for a form that older hashes can have been created of', 'Zoë'.normalize('NFD'), 2],
  ])('refuses after %s, whether there is such a user or not', async (_, typed, expected) => {
    const encoded = await passwords.hash('the right one');
    const runs = jest.spyOn((passwords as unknown as { semaphore: Semaphore }).semaphore, 'run');
    for (const reference of [encoded, undefined]) {
      runs.mockClear();
      expect(await passwords.verify(reference, typed)).toBe(false);
      expect(runs).toHaveBeenCalledTimes(expected);
    }
    runs.mockRestore();
  });

  it('salts: one password, two hashes', async () => {
    expect(await passwords.hash('same')).not.toBe(await passwords.hash('same'));
  });

  it('leaves a thread to look-ups of names, however many passwords are waiting', async () => {
    let open = 40;
    const hashes = Array.from({ length: open }, () => passwords.hash('one').finally(() => (open -= 1)));
    await lookup('localhost');
    expect(open).toBeGreaterThan(20); // queued in libuv's thread pool itself, hardly any would be left
    await Promise.all(hashes);
  });

  it('has a place for those at work and 32 who wait, and again for whoever comes when one has left', () => {
    const leave: (() => void)[] = [];
    for (let place = passwords.enter(); place !== undefined; place = passwords.enter()) leave.push(place);
    expect(leave.length).toBeGreaterThan(32);
    expect(leave.length).toBeLessThanOrEqual(34);
    leave.pop()!();
    expect(passwords.enter()).toBeDefined();
    expect(passwords.enter()).toBeUndefined();
  });
});

describe('isCommonPassword', () => {
  it.each([
    ['password123', true],
    ['PASSWORD1234', true],
    ['1234567890', true],
    ['qwertyuiop', true],
    ['correct horse battery', false],
    ['kT7-vellum-otter', false],
  ])('%s: %s', (password, expected) => {
    expect(isCommonPassword(password)).toBe(expected);
  });
});
