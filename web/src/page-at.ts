/** A page of the application; the server serves the same paths (src/pages/pages.ts). */
export type Page =
  | {
      readonly name:
        'sign-in' | 'sign-up' | 'proxy' | 'tokens' | 'sessions' | 'account' | 'device' | 'not-found';
    }
  | { readonly name: 'members' | 'api-keys'; readonly org: string };

export const PATHS = {
  signIn: '/sign-in',
  signUp: '/sign-up',
  proxy: '/me/proxy/',
  tokens: '/me/tokens/',
  sessions: '/me/sessions/',
  account: '/me/account/',
  device: '/device',
  members: (org: string): string => `/orgs/${encodeURIComponent(org)}/members/`,
  apiKeys: (org: string): string => `/orgs/${encodeURIComponent(org)}/api-keys/`,
};

export function pageAt(path: string): Page {
  switch (path.replace(/\/$/, '')) {
    case '/sign-in':
      return { name: 'sign-in' };
    case '/sign-up':
      return { name: 'sign-up' };
    case '/me/proxy':
      return { name: 'proxy' };
    case '/me/tokens':
      return { name: 'tokens' };
    case '/me/sessions':
      return { name: 'sessions' };
    case '/me/account':
      return { name: 'account' };
    case '/device':
      return { name: 'device' };
  }
  const [, org, page] = /^\/orgs\/([a-z0-9-]+)\/(api-keys|members)\/?$/.exec(path) ?? [];
  if (org === undefined) return { name: 'not-found' };
  return { name: page === 'members' ? 'members' : 'api-keys', org };
}
