import table from './routes.json';

/** The name of a page in the route table, which the server reads too (src/pages/page-paths.ts). */
export type PageName = keyof typeof table;

/** A page of the application, with the organization that its path names. */
export interface Page {
  readonly name: PageName | 'not-found';
  readonly org: string;
}

const paths = (name: PageName): string => table[name];
const inOrg =
  (name: PageName) =>
  (org: string): string =>
    table[name].replace(':org', encodeURIComponent(org));

export const PATHS = {
  home: paths('home'),
  signIn: paths('sign-in'),
  signUp: paths('sign-up'),
  device: paths('device'),
  documentation: paths('documentation'),
  overview: paths('overview'),
  requests: paths('requests'),
  traces: paths('traces'),
  usage: paths('usage'),
  agents: paths('agents'),
  tokens: paths('tokens'),
  myKeys: paths('my-keys'),
  sessions: paths('sessions'),
  account: paths('account'),
  orgRequests: inOrg('org-requests'),
  orgTraces: inOrg('org-traces'),
  orgUsage: inOrg('org-usage'),
  members: inOrg('members'),
  limits: inOrg('limits'),
  orgKeys: inOrg('keys'),
  apiKeys: inOrg('api-keys'),
  orgSettings: inOrg('org-settings'),
  orgAudit: inOrg('org-audit'),
};

/** The page that a signed-in user starts on. */
export const START = PATHS.overview;

/** Matches the paths of each page: with or without a slash at the end, and with the name of an organization where the table has `:org`. */
const PATTERNS = Object.entries(table).map(
  ([name, path]) =>
    [
      name as PageName,
      new RegExp(`^${path.replace(/\/$/, '').replace(':org', '(?<org>[a-z0-9-]+)')}/?$`),
    ] as const,
);

/** Returns the page at a path. */
export function pageAt(path: string): Page {
  for (const [name, pattern] of PATTERNS) {
    const found = pattern.exec(path);
    if (found !== null) return { name, org: found.groups?.org ?? '' };
  }
  return { name: 'not-found', org: '' };
}
