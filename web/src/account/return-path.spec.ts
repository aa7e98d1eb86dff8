import { returnPath, signInFrom } from './return-path';

const ORIGIN = 'https://vault.example.com';

describe('where signing in leads back to', () => {
  it.each([
    ['/me/sessions/', '/me/sessions/'],
    ['/device?user_code=BCDF-GHJK', '/device?user_code=BCDF-GHJK'],
    ['/me/proxy/#connect', '/me/proxy/#connect'],
    ['https://evil.example.com/', '/me/proxy/'],
    ['https://vault.example.com/me/sessions/', '/me/proxy/'],
    ['//evil.example.com/', '/me/proxy/'],
    ['/\\evil.example.com/', '/me/proxy/'],
    ['/\t/evil.example.com/', '/me/proxy/'],
    ['/..//evil.example.com/', '/me/proxy/'],
    ['/.//evil.example.com/', '/me/proxy/'],
    ['/%2e%2e//evil.example.com/', '/me/proxy/'],
    ['\\\\evil.example.com/', '/me/proxy/'],
    ['javascript:alert(1)', '/me/proxy/'],
    ['data:text/html,x', '/me/proxy/'],
    ['/sign-in?return=/sign-in', '/me/proxy/'],
    ['/sign-up', '/me/proxy/'],
    ['', '/me/proxy/'],
  ])('%j leads to %s', (wanted, path) => {
    expect(returnPath(new URL(signInFrom(wanted), ORIGIN).search, ORIGIN)).toBe(path);
  });

  it('without a word about it is the start page', () => {
    expect(returnPath('', ORIGIN)).toBe('/me/proxy/');
  });
});
