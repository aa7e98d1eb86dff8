import type { Component } from 'svelte';
import type { Dto } from '../api/client';
import type { Page } from './routes';

/** What each page for signed-in users is passed. */
export interface PageProps {
  readonly me: Dto['ProfileDto'];
  /** The organization in the path, by its name in URLs; empty for a page of no organization. */
  readonly org: string;
  /** Fetches the profile again, organizations included. */
  readonly refresh: () => Promise<void>;
}

interface PageEntry {
  /** Whether the page is for users who are signed in; a public one gets no properties. */
  readonly isPublic?: boolean;
  readonly load: () => Promise<{ default: Component<never> }>;
  /**
   * The API's paths of what the page asks for first: it is asked for while the page's script is on its way. A response that is the
   * same for everybody names no user, and can't be taken.
   */
  readonly asks?: (org: string) => readonly string[];
}

const orgPath = (org: string, rest: string): string => `/api/v1/orgs/${encodeURIComponent(org)}/${rest}`;

/** The component of each page, loaded when it is needed. The home page has none: it leads to another one. */
export const PAGES: Readonly<Record<Exclude<Page['name'], 'home'>, PageEntry>> = {
  'sign-in': { isPublic: true, load: () => import('../account/SignInPage.svelte') },
  'sign-up': { isPublic: true, load: () => import('../account/SignUpPage.svelte') },
  'not-found': { isPublic: true, load: () => import('./NotFoundPage.svelte') },
  documentation: { isPublic: true, load: () => import('./DocumentationPage.svelte') },
  device: { load: () => import('../account/DevicePage.svelte') },
  overview: { load: () => import('../usage/OverviewPage.svelte') },
  requests: { load: () => import('../usage/RequestsPage.svelte'), asks: () => ['/api/v1/me/proxy-tokens'] },
  traces: { load: () => import('../traces/TracesPage.svelte'), asks: () => ['/api/v1/me/proxy-tokens'] },
  usage: { load: () => import('../usage/UsagePage.svelte'), asks: () => ['/api/v1/me/proxy-tokens'] },
  'org-requests': {
    load: () => import('../usage/RequestsPage.svelte'),
    asks: (org) => [orgPath(org, 'members'), '/api/v1/me/proxy-tokens'],
  },
  'org-traces': {
    load: () => import('../traces/TracesPage.svelte'),
    asks: (org) => [orgPath(org, 'members'), '/api/v1/me/proxy-tokens'],
  },
  'org-usage': {
    load: () => import('../usage/UsagePage.svelte'),
    asks: (org) => [orgPath(org, 'members'), '/api/v1/me/proxy-tokens'],
  },
  agents: {
    load: () => import('../connect/AgentsPage.svelte'),
    asks: () => ['/api/v1/providers', '/api/v1/me/proxy-tokens'],
  },
  tokens: { load: () => import('../tokens/TokensPage.svelte'), asks: () => ['/api/v1/me/proxy-tokens'] },
  'my-keys': {
    load: () => import('../keys/KeysPage.svelte'),
    asks: () => ['/api/v1/me/keys', '/api/v1/providers'],
  },
  sessions: { load: () => import('../account/SessionsPage.svelte'), asks: () => ['/api/v1/auth/sessions'] },
  account: { load: () => import('../account/AccountPage.svelte') },
  members: {
    load: () => import('../orgs/MembersPage.svelte'),
    asks: (org) => [orgPath(org, 'members'), orgPath(org, 'invites')],
  },
  limits: {
    load: () => import('../limits/LimitsPage.svelte'),
    asks: (org) => [orgPath(org, 'limits/effective'), orgPath(org, 'limits'), orgPath(org, 'members')],
  },
  keys: {
    load: () => import('../orgs/OrgKeysPage.svelte'),
    asks: (org) => [orgPath(org, 'keys'), '/api/v1/providers'],
  },
  'api-keys': { load: () => import('../orgs/ApiKeysPage.svelte'), asks: (org) => [orgPath(org, 'api-keys')] },
  'org-settings': { load: () => import('../orgs/SettingsPage.svelte') },
  'org-audit': {
    load: () => import('../orgs/AuditPage.svelte'),
    asks: (org) => [orgPath(org, 'audit-events?limit=101')],
  },
};
