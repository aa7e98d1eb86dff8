import { isCoveredByNoProxy, outboundProxyFor } from './outbound-proxy';

const SERVER = 'https://vault.example.com';
const PROXY = 'http://user:SECRET@proxy.corp:8080';

describe('NO_PROXY', () => {
  it.each([
    ['*', SERVER],
    ['localhost, *', SERVER],
    ['vault.example.com', SERVER],
    ['VAULT.Example.com', SERVER],
    ['localhost,vault.example.com,.corp', SERVER],
    ['localhost  vault.example.com', SERVER],
    ['example.com', SERVER],
    ['.example.com', SERVER],
    ['*.example.com', SERVER],
    ['.vault.example.com', SERVER],
    ['vault.example.com.', SERVER],
    ['vault.example.com:443', SERVER],
    ['example.com:8443', 'https://vault.example.com:8443'],
    ['vault.example.com:80', 'http://vault.example.com'],
    ['10.1.2.3', 'http://10.1.2.3:3000'],
    ['10.1.2.3:3000', 'http://10.1.2.3:3000'],
    ['::1', 'http://[::1]:3000'],
    ['[::1]', 'http://[::1]:3000'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['localhost', 'http://localhost:3000'],
  ])('%j covers %s', (noProxy, server) => expect(isCoveredByNoProxy(noProxy, new URL(server))).toBe(true));

  it.each([
    ['', SERVER],
    [' , ', SERVER],
    ['.', SERVER],
    ['localhost', SERVER],
    ['ample.com', SERVER],
    ['other.vault.example.com', SERVER],
    ['vault.example.com.evil', SERVER],
    ['vault.example.com:8443', SERVER],
    ['vault*', SERVER],
    ['.2.3', 'http://10.1.2.3:3000'],
    ['2.3', 'http://10.1.2.3:3000'],
    ['10.1.2.3:80', 'http://10.1.2.3:3000'],
    ['10.0.0.0/8', 'http://10.1.2.3:3000'], // curl and Go support networks, Node's clients don't
    ['::2', 'http://[::1]:3000'],
    ['[::1]:80', 'http://[::1]:3000'],
  ])('%j does not cover %s', (noProxy, server) =>
    expect(isCoveredByNoProxy(noProxy, new URL(server))).toBe(false),
  );
});

describe('the variable that sends agents to a company proxy', () => {
  it.each<[NodeJS.ProcessEnv, string, string | undefined]>([
    [{}, SERVER, undefined],
    [{ HTTPS_PROXY: '' }, SERVER, undefined],
    [{ HTTPS_PROXY: PROXY }, SERVER, 'HTTPS_PROXY'],
    [{ https_proxy: PROXY }, SERVER, 'https_proxy'],
    [{ Https_Proxy: PROXY }, SERVER, 'Https_Proxy'],
    [{ all_proxy: PROXY }, SERVER, 'all_proxy'],
    [{ ALL_PROXY: PROXY, HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY }, SERVER, 'HTTPS_PROXY'],
    [{ ALL_PROXY: PROXY, HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY }, 'http://vault', 'HTTP_PROXY'],
    [{ HTTP_PROXY: PROXY }, SERVER, 'HTTP_PROXY'], // undici applies it to https:// too
    [{ HTTPS_PROXY: PROXY }, 'http://vault', 'HTTPS_PROXY'], // Claude Code applies it to http:// too
    [{ FTP_PROXY: PROXY, TRUST_PROXY: '1' }, SERVER, undefined],
    [{ HTTPS_PROXY: PROXY, NO_PROXY: '.example.com' }, SERVER, undefined],
    [{ HTTPS_PROXY: PROXY, no_proxy: '.example.com' }, SERVER, undefined],
    [{ HTTPS_PROXY: PROXY, NO_PROXY: '', no_proxy: '.example.com' }, SERVER, undefined],
    [{ HTTPS_PROXY: PROXY, NO_PROXY: 'localhost' }, SERVER, 'HTTPS_PROXY'],
  ])('%j for %s: %s', (env, server, variable) =>
    expect(outboundProxyFor(server, env)?.variable).toBe(variable),
  );

  it.each<[NodeJS.ProcessEnv, string, string]>([
    [{}, SERVER, 'NO_PROXY'],
    [{ no_proxy: 'localhost' }, SERVER, 'no_proxy'],
    [{ NO_PROXY: '.example.com', no_proxy: 'localhost' }, SERVER, 'no_proxy'],
    [{ NO_PROXY: 'localhost', no_proxy: '.example.com' }, SERVER, 'NO_PROXY'],
  ])('with %j names the host and the list to add it to', (env, server, list) =>
    expect(outboundProxyFor(server, { HTTPS_PROXY: PROXY, ...env })).toEqual({
      variable: 'HTTPS_PROXY',
      list,
      host: 'vault.example.com',
    }),
  );

  it('names an IPv6 address without brackets, and nothing of a value', () => {
    const found = outboundProxyFor('http://[::1]:3000', { http_proxy: PROXY });
    expect(found?.host).toBe('::1');
    expect(JSON.stringify(found)).not.toContain('SECRET');
  });
});
