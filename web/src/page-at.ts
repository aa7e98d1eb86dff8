/** The pages by their paths; the server answers the same ones (src/pages/pages.ts). */
export type Page =
  | { readonly name: 'sign-in' | 'sign-up' | 'proxy' | 'sessions' | 'device' | 'not-found' }
  | { readonly name: 'api-keys'; readonly org: string };

export const PATHS = {
  signIn: '/sign-in',
  signUp: '/sign-up',
  proxy: '/me/proxy/',
  sessions: '/me/sessions/',
  device: '/device',
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
    case '/me/sessions':
      return { name: 'sessions' };
    case '/device':
      return { name: 'device' };
  }
  const org = /^\/orgs\/([a-z0-9-]+)\/api-keys\/?$/.exec(path)?.[1];
  return org === undefined ? { name: 'not-found' } : { name: 'api-keys', org };
}
