import { api, request, type Answer, type Dto } from '../api/client';
import type { KnownNames } from './group-names';
import type { CallsQuery, UsageQuery } from './queries';

/** Asks for the sums of calls. @param org the organization whose calls are meant; empty for the user's own. */
export function askUsage(
  org: string,
  query: UsageQuery,
  signal: AbortSignal,
): Promise<Answer<Dto['UsageDto']>> {
  return request(
    org === ''
      ? api.GET('/api/v1/me/usage', { params: { query }, signal })
      : api.GET('/api/v1/orgs/{org}/usage', { params: { path: { org }, query }, signal }),
  );
}

/** Asks for a page of calls, the newest first. */
export function askCalls(
  org: string,
  query: CallsQuery,
  signal?: AbortSignal,
): Promise<Answer<Dto['CallsDto']>> {
  const { person, ...own } = query;
  return request(
    org === ''
      ? api.GET('/api/v1/me/calls', { params: { query: own }, signal })
      : api.GET('/api/v1/orgs/{org}/calls', { params: { path: { org }, query: { ...own, person } }, signal }),
  );
}

/** Asks for a call with its cost line by line. */
export function askCall(
  org: string,
  id: string,
  signal: AbortSignal,
): Promise<Answer<Dto['CallDetailsDto']>> {
  return request(
    org === ''
      ? api.GET('/api/v1/me/calls/{id}', { params: { path: { id } }, signal })
      : api.GET('/api/v1/orgs/{org}/calls/{id}', { params: { path: { org, id } }, signal }),
  );
}

/** Asks for the names of the user's tokens and, where the user may see them, of the organization's members. */
export async function askNames(org: string, signal: AbortSignal): Promise<Answer<KnownNames>> {
  const [tokens, people] = await Promise.all([
    request(api.GET('/api/v1/me/proxy-tokens', { signal })),
    org === ''
      ? undefined
      : request(api.GET('/api/v1/orgs/{org}/members', { params: { path: { org } }, signal })),
  ]);
  // Without the names, the page shows ids: no reason to show nothing.
  return {
    ok: true,
    data: { tokens: tokens.ok ? tokens.data : [], people: people?.ok === true ? people.data : [] },
  };
}
