import { pageAt, PATHS } from './routes';

describe('the page at a path', () => {
  it.each<[string, string, string?]>([
    ['/', 'home'],
    [PATHS.signIn, 'sign-in'],
    ['/sign-in/', 'sign-in'],
    [PATHS.signUp, 'sign-up'],
    [PATHS.overview, 'overview'],
    [PATHS.requests, 'requests'],
    [PATHS.usage, 'usage'],
    [PATHS.orgRequests('acme'), 'org-requests', 'acme'],
    [PATHS.orgUsage('acme'), 'org-usage', 'acme'],
    [PATHS.agents, 'agents'],
    [PATHS.myKeys, 'my-keys'],
    ['/me/keys', 'my-keys'],
    [PATHS.tokens, 'tokens'],
    ['/me/tokens', 'tokens'],
    [PATHS.sessions, 'sessions'],
    [PATHS.account, 'account'],
    ['/me/account', 'account'],
    [PATHS.device, 'device'],
    [PATHS.documentation, 'documentation'],
    [PATHS.apiKeys('acme-2'), 'api-keys', 'acme-2'],
    ['/orgs/acme/api-keys', 'api-keys', 'acme'],
    [PATHS.orgSettings('acme'), 'org-settings', 'acme'],
    [PATHS.orgAudit('acme'), 'org-audit', 'acme'],
    [PATHS.members('acme-2'), 'members', 'acme-2'],
    ['/orgs/acme/members', 'members', 'acme'],
    [PATHS.limits('acme-2'), 'limits', 'acme-2'],
    [PATHS.orgKeys('acme-2'), 'keys', 'acme-2'],
    ['/orgs/acme/keys', 'keys', 'acme'],
    ['/orgs/acme/nothing/', 'not-found'],
    ['/orgs/%2e%2e/api-keys/', 'not-found'],
    ['/orgs//api-keys/', 'not-found'],
    ['/orgs/:org/api-keys/', 'not-found'],
    ['//', 'not-found'],
    ['/me/', 'not-found'],
    ['/ME/KEYS/', 'not-found'],
    ['/toString', 'not-found'],
  ])('%s is %s %s', (path, name, org = '') => {
    expect(pageAt(path)).toEqual({ name, org });
  });
});
