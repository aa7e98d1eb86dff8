import { returnPath, signInFrom } from './return-path';

const ORIGIN = 'https://vault.example.com';

describe('where signing in leads back to', () => {
  it.each([
    ['/me/sessions/', '/me/sessions/'],
    ['/device?user_code=BCDF-GHJK', '/device?user_code=BCDF-GHJK'],
    ['/me/keys/#connect', '/me/keys/#connect'],
    ['https://evil.example.com/', '/me/overview/'],
    ['https://vault.example.com/me/sessions/', '/me/overview/'],
    ['//evil.example.com/', '/me/overview/'],
    ['/\\evil.example.com/', '/me/overview/'],
    ['/\t/evil.example.com/', '/me/overview/'],
    ['/..//evil.example.com/', '/me/overview/'],
    ['/.//evil.example.com/', '/me/overview/'],
    ['/%2e%2e//evil.example.com/', '/me/overview/'],
    ['\\\\evil.example.com/', '/me/overview/'],
    ['javascript:alert(1)', '/me/overview/'],
    ['data:text/html,x', '/me/overview/'],
    ['/sign-in?return=/sign-in', '/me/overview/'],
    ['/sign-up', '/me/overview/'],
    ['', '/me/overview/'],
  ])('%j leads to %s', (wanted, path) => {
    expect(returnPath(new URL(signInFrom(wanted), ORIGIN).search, ORIGIN)).toBe(path);
  });

  it('without a word about it is the start page', () => {
    expect(returnPath('', ORIGIN)).toBe('/me/overview/');
  });
});
