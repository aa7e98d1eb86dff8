import { isOwnHost } from './own-host';

const OWN = ['vault.example.com', '*.internal.example', '0.0.0.0'];

describe('a request for', () => {
  it.each<[string, boolean]>([
    ['vault.example.com', true],
    ['VAULT.example.com:8443', true],
    ['vault.example.com.', true],
    ['a.internal.example', true],
    ['a.b.internal.example:3000', true],
    ['localhost:3000', true],
    ['LocalHost.', true],
    ['app.localhost', true],
    // DNS rebinding can't use these: an attacker's page needs a name that resolves to this server.
    ['127.0.0.1:3000', true],
    ['192.0.2.7', true],
    ['[::1]:3000', true],
    ['[2001:db8::1]', true],
    ['evil.example', false],
    ['example.com', false],
    ['www.vault.example.com', false],
    ['vault.example.com.evil.example', false],
    ['evilvault.example.com', false],
    ['internal.example', false],
    ['evilinternal.example', false],
    ['localhost.evil.example', false],
    ['notlocalhost', false],
    ['127.0.0.1.evil.example', false],
    ['*.internal.example', false],
    ['', false],
    ['vault.example.com/', false],
    ['vault.example.com, evil.example', false],
  ])('%j is one for this server: %s', (host, expected) => {
    expect(isOwnHost(host, OWN)).toBe(expected);
  });
});
