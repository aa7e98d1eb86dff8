import type { Dto } from '../api/client';
import { PATHS } from './routes';

interface NavigationLink {
  readonly href: string;
  readonly text: string;
  readonly icon:
    | 'overview'
    | 'traces'
    | 'requests'
    | 'usage'
    | 'agents'
    | 'tokens'
    | 'my-keys'
    | 'members'
    | 'limits'
    | 'keys'
    | 'api-keys'
    | 'settings'
    | 'audit';
}

/** A group of links to pages. Pages that people arrive at by a link of their own, such as the approval of a login, are in none. */
export interface NavigationGroup {
  readonly title: string;
  readonly links: readonly NavigationLink[];
}

type Org = Dto['ProfileDto']['orgs'][number];

/** Returns the links to the pages that the user may see. @param org the organization that the switcher shows, if there is one. */
export function navigation(org: Org | undefined): NavigationGroup[] {
  const groups: NavigationGroup[] = [
    {
      title: 'Activity',
      links: [
        { href: PATHS.overview, text: 'Overview', icon: 'overview' },
        { href: PATHS.traces, text: 'Traces', icon: 'traces' },
        { href: PATHS.requests, text: 'Requests', icon: 'requests' },
        { href: PATHS.usage, text: 'Usage', icon: 'usage' },
      ],
    },
    {
      title: 'Connect',
      links: [
        { href: PATHS.agents, text: 'Agents', icon: 'agents' },
        { href: PATHS.tokens, text: 'Tokens', icon: 'tokens' },
        { href: PATHS.myKeys, text: 'Keys', icon: 'my-keys' },
      ],
    },
  ];
  if (org !== undefined) groups.push({ title: 'Organization', links: linksOf(org) });
  return groups;
}

/** Returns the links to the pages of an organization that its member may see. */
function linksOf({ name, role }: Org): NavigationLink[] {
  const calls: NavigationLink[] = [
    { href: PATHS.orgUsage(name), text: 'Usage by person', icon: 'usage' },
    { href: PATHS.orgTraces(name), text: 'All traces', icon: 'traces' },
    { href: PATHS.orgRequests(name), text: 'All requests', icon: 'requests' },
  ];
  const limits: NavigationLink = { href: PATHS.limits(name), text: 'Limits', icon: 'limits' };
  switch (role) {
    case 'developer':
      return [limits];
    case 'auditor':
      return [...calls, limits];
    case 'owner':
    case 'admin':
      return [
        ...calls,
        { href: PATHS.members(name), text: 'Members', icon: 'members' },
        limits,
        { href: PATHS.orgKeys(name), text: 'Shared keys', icon: 'keys' },
        { href: PATHS.apiKeys(name), text: 'API keys', icon: 'api-keys' },
        { href: PATHS.orgSettings(name), text: 'Settings', icon: 'settings' },
        { href: PATHS.orgAudit(name), text: 'Audit', icon: 'audit' },
      ];
  }
}

/** Returns the organization that the navigation is about: that of the page, or else the one in which the user works. */
export function shownOrg(me: Dto['ProfileDto'], inPath: string): Org | undefined {
  const named = (name: string | null): Org | undefined => me.orgs.find((org) => org.name === name);
  return named(inPath) ?? named(me.current_org) ?? me.orgs[0];
}

/** Returns the path of the same page for another organization. */
export function inOtherOrg(path: string, from: string, to: string): string {
  return path.replace(`/orgs/${from}/`, `/orgs/${to}/`);
}
