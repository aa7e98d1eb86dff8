import { api, request, type Answer } from '../api/client';
import { browserZone, dayAfter, dayOf } from './days';
import type { Sums } from './sums';

/** The days that lists show the spend of. */
const DAYS = 30;

/** What each token or person used and cost in the last 30 days, by id. */
export type Spent = ReadonlyMap<string, Sums>;

export function askSpentByToken(signal: AbortSignal): Promise<Answer<Spent>> {
  const query = { ...lastDays(), group_by: ['token' as const] };
  return byId('token', request(api.GET('/api/v1/me/usage', { params: { query }, signal })));
}

export function askSpentByPerson(org: string, signal: AbortSignal): Promise<Answer<Spent>> {
  const params = { path: { org }, query: { ...lastDays(), group_by: ['person' as const] } };
  return byId('person', request(api.GET('/api/v1/orgs/{org}/usage', { params, signal })));
}

function lastDays(): { from: string; to: string; time_zone: string } {
  const time_zone = browserZone();
  const to = dayOf(Date.now(), time_zone);
  return { from: dayAfter(to, 1 - DAYS), to, time_zone };
}

interface Grouped {
  readonly groups: readonly (Sums & { readonly key: Readonly<Record<string, string | null>> })[];
}

async function byId(group: 'token' | 'person', asking: Promise<Answer<Grouped>>): Promise<Answer<Spent>> {
  const answer = await asking;
  if (!answer.ok) return answer;
  return { ok: true, data: new Map(answer.data.groups.map((sums) => [sums.key[group] ?? '', sums])) };
}
