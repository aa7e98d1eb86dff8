import { api, request, requestAll, type Answer, type Dto } from '../api/client';
import { askUsage } from '../usage/ask';
import { dayAfter, dayOf } from '../usage/days';
import { personName, type KnownNames } from '../usage/group-names';
import type { EffectiveLimit, Limit } from './limit-words';

/** The days in which a token of somebody else was used, if it is offered for a limit. */
const USED_DAYS = 30;

/** The tokens of an organization that a limit can be for. */
export interface LimitedToken {
  readonly id: string;
  readonly name: string;
  /** The id of the member whose token it is. */
  readonly owner: string;
}

/** The limits of an organization, and the names of those for whom they are. */
export interface OrgLimits {
  readonly limits: readonly Limit[];
  readonly names: KnownNames;
  /** The organization's tokens: those of the user, and those of others that were used of late. */
  readonly tokens: readonly LimitedToken[];
}

/** Asks for the limits of an organization, for an owner or admin. @param me the id of the user. */
export async function askOrgLimits(org: string, me: string, signal: AbortSignal): Promise<Answer<OrgLimits>> {
  const to = dayOf(Date.now(), 'UTC');
  const period = { from: dayAfter(to, 1 - USED_DAYS), to, time_zone: 'UTC' };
  const params = { path: { org } };
  const answer = await requestAll<[Limit[], Dto['MemberDto'][], Dto['ProxyTokenDto'][], Dto['UsageDto']]>(
    request(api.GET('/api/v1/orgs/{org}/limits', { params, signal })),
    request(api.GET('/api/v1/orgs/{org}/members', { params, signal })),
    request(api.GET('/api/v1/me/proxy-tokens', { signal })),
    askUsage(org, { ...period, group_by: ['token', 'person'] }, signal),
  );
  if (!answer.ok) return answer;
  const [limits, people, mine, { groups }] = answer.data;
  const own = mine.filter((token) => token.org === org).map(({ id, name }) => ({ id, name, owner: me }));
  const others = groups.flatMap(({ key: { token = null, person = null } }): LimitedToken[] =>
    token === null || person === null || person === me
      ? []
      : [
          {
            id: token,
            name: `${token.slice(0, 8)} of ${personName({ people, tokens: [] }, person)}`,
            owner: person,
          },
        ],
  );
  const tokens = [...own, ...others];
  return { ok: true, data: { limits, tokens, names: { people, tokens } } };
}

/** How much of limits is used. */
export interface Uses {
  /** The ids of the members that were asked about, beside the user. */
  readonly people: readonly string[];
  /** The limits by their ids. Those for each member are the user's. */
  readonly limits: ReadonlyMap<string, EffectiveLimit>;
}

/** The number of other members whose limits are asked for at once; those of more are asked for one by one. */
const MAX_PEOPLE = 12;

/** Returns the ids of other members for whom, or for whose tokens, there are limits of money. */
export function peopleOf({ limits, names, tokens }: OrgLimits, me: string): string[] {
  const owners = limits
    .filter(({ kind }) => kind === 'spend')
    .map(({ scope, subject_id: subject }) =>
      scope === 'member' ? subject : tokens.find(({ id }) => id === subject)?.owner,
    );
  return names.people
    .map(({ user_id }) => user_id)
    .filter((id) => id !== me && owners.includes(id))
    .slice(0, MAX_PEOPLE);
}

/**
 * Asks how much of limits is used: of those that apply to the user, and of those that are for certain other members.
 * @param people the ids of the members. Who is none any more has no limits.
 */
export async function askUses(
  org: string,
  people: readonly string[],
  signal: AbortSignal,
): Promise<Answer<Uses>> {
  const [own, ...others] = await Promise.all([
    askEffective(org, undefined, signal),
    ...people.map((person) => askEffective(org, person, signal)),
  ]);
  if (!own.ok) return own;
  const ofOthers = others.flatMap((answer) => (answer.ok ? answer.data : []));
  const limits = [...ofOthers.filter(({ scope }) => scope !== 'everyone'), ...own.data];
  return { ok: true, data: { people, limits: new Map(limits.map((limit) => [limit.id, limit])) } };
}

/** Asks for the limits that apply to a member. @param person the member's id; undefined for the user. */
export function askEffective(
  org: string,
  person: string | undefined,
  signal: AbortSignal,
): Promise<Answer<EffectiveLimit[]>> {
  const query = person === undefined ? {} : { person };
  return request(
    api.GET('/api/v1/orgs/{org}/limits/effective', { params: { path: { org }, query }, signal }),
  );
}
