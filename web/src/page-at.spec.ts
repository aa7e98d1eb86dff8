import { pageAt, PATHS } from './page-at';

describe('the page at a path', () => {
  it.each<[string, object]>([
    [PATHS.signIn, { name: 'sign-in' }],
    ['/sign-in/', { name: 'sign-in' }],
    [PATHS.signUp, { name: 'sign-up' }],
    [PATHS.proxy, { name: 'proxy' }],
    ['/me/proxy', { name: 'proxy' }],
    [PATHS.tokens, { name: 'tokens' }],
    ['/me/tokens', { name: 'tokens' }],
    [PATHS.sessions, { name: 'sessions' }],
    [PATHS.account, { name: 'account' }],
    ['/me/account', { name: 'account' }],
    [PATHS.device, { name: 'device' }],
    [PATHS.apiKeys('acme-2'), { name: 'api-keys', org: 'acme-2' }],
    ['/orgs/acme/api-keys', { name: 'api-keys', org: 'acme' }],
    [PATHS.members('acme-2'), { name: 'members', org: 'acme-2' }],
    ['/orgs/acme/members', { name: 'members', org: 'acme' }],
    ['/orgs/acme/nothing/', { name: 'not-found' }],
    ['/orgs/%2e%2e/api-keys/', { name: 'not-found' }],
    ['/orgs//api-keys/', { name: 'not-found' }],
    ['/me/', { name: 'not-found' }],
    ['/ME/PROXY/', { name: 'not-found' }],
    ['/', { name: 'not-found' }],
  ])('%s is %j', (path, page) => {
    expect(pageAt(path)).toEqual(page);
  });
});
