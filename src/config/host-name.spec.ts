import { hostNameOf } from './host-name';

describe('the name in a Host header', () => {
  it.each<[string, string | undefined]>([
    ['vault.example.com', 'vault.example.com'],
    ['Vault.Example.COM:8443', 'vault.example.com'],
    ['vault.example.com.', 'vault.example.com'],
    ['vault.example.com.:443', 'vault.example.com'],
    ['vault.example.com:', 'vault.example.com'],
    ['localhost', 'localhost'],
    ['my_server:3000', 'my_server'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['127.0.0.1:3000', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['0x7f.0.0.1.', '127.0.0.1'],
    ['[::1]:3000', '[::1]'],
    ['[0:0:0:0:0:0:0:1]', '[::1]'],
    ['', undefined],
    ['.', undefined],
    [':3000', undefined],
    ['::1', undefined],
    ['[::1', undefined],
    ['[fe80::1%25eth0]', undefined],
    ['256.0.0.1', undefined],
    ['localhost:99999', undefined],
    ['localhost:80:80', undefined],
    ['localhost, evil.example', undefined],
    ['localhost evil.example', undefined],
    ['evil.example/localhost', undefined],
    ['evil.example?localhost', undefined],
    ['evil.example#localhost', undefined],
    ['evil.example\\localhost', undefined],
    ['localhost@evil.example', undefined],
    ['local%68ost', undefined],
    ['b\u00fccher.example', undefined],
    ['local\thost', undefined],
  ])('%j is %s', (header, name) => {
    expect(hostNameOf(header)).toBe(name);
  });
});
