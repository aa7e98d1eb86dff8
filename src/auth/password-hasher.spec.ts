import { isCommonPassword } from './acceptable-password';
import { PasswordHasher } from './password-hasher';

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

  it('salts: one password, two hashes', async () => {
    expect(await passwords.hash('same')).not.toBe(await passwords.hash('same'));
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
