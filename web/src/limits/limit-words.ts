import type { components } from '../api/schema';
import { exactCount, money } from '../ui/numbers';
import { personName, tokenName, type KnownNames } from '../usage/group-names';

export type Limit = components['schemas']['LimitDto'];
export type EffectiveLimit = components['schemas']['EffectiveLimitDto'];

const PERIODS = { day: 'a day', week: 'a week', month: 'a month' } as const;

/** Says what a limit is about. */
export function topicOf({ kind, period }: Pick<Limit, 'kind' | 'period'>): string {
  switch (kind) {
    case 'spend':
      return period === null ? 'Spend' : `Spend ${PERIODS[period]}`;
    case 'rate':
      return 'Requests and tokens a minute';
    case 'models':
      return 'Models';
  }
}

/** Says whom a limit is for. */
export function whomOf(
  { scope, subject_id: subject }: Pick<Limit, 'scope' | 'subject_id'>,
  names: KnownNames,
): string {
  switch (scope) {
    case 'organization':
      return 'All members together';
    case 'everyone':
      return 'Each member';
    case 'member':
      return personName(names, subject ?? '');
    case 'token': {
      const name = tokenName(names, subject);
      return names.tokens.some(({ id }) => id === subject) ? `Token ${name}` : name;
    }
  }
}

/** Says whom a limit is for to the person to whom it applies, or of a person without their name. */
export function forWhom(
  limit: Pick<Limit, 'scope' | 'subject_id'>,
  names: KnownNames,
  isOwn: boolean,
): string {
  if (limit.scope === 'member') return isOwn ? 'For you' : 'For this person';
  return whomOf(limit, names);
}

/** Returns the name of a limit, as in “Spend a month, each member”: there is one of each. */
export function nameOf(limit: Limit, names: KnownNames): string {
  return `${topicOf(limit)}, ${whomInSentence(limit, names)}`;
}

/** Says how much a limit allows whom, as in “$25.00 a month, each member”. */
export function sentenceOf(limit: Limit, names: KnownNames): string {
  return `${amountInTime(limit)}, ${whomInSentence(limit, names)}`;
}

function whomInSentence(limit: Limit, names: KnownNames): string {
  const whom = whomOf(limit, names);
  return limit.scope === 'member' ? whom : `${whom.charAt(0).toLowerCase()}${whom.slice(1)}`;
}

/**
 * Says how much a limit allows.
 * @param shown the number of models that are named; of the others is said how many there are.
 */
export function amountOf(
  { kind, amount_usd: usd, per_minute: rate, allow }: Limit,
  shown = Infinity,
): string {
  switch (kind) {
    case 'spend':
      if (usd === null) return 'Unlimited';
      return Number(usd) === 0 ? 'Blocked' : money(Number(usd));
    case 'rate':
      return ratesOf(rate).join(', ');
    case 'models':
      return modelsOf(allow ?? [], shown);
  }
}

/** Says how much a limit allows in what time, as in “$25.00 a month”. */
export function amountInTime(limit: Limit): string {
  switch (limit.kind) {
    case 'spend':
      if (limit.amount_usd === null) return 'Unlimited spend';
      if (Number(limit.amount_usd) === 0) return 'No spend';
      return `${amountOf(limit)}${limit.period === null ? '' : ` ${PERIODS[limit.period]}`}`;
    case 'rate':
      return `${ratesOf(limit.per_minute).join(' and ')} a minute`;
    case 'models':
      return limit.allow?.includes('*') === true ? 'All models' : 'These models only';
  }
}

function ratesOf(rate: Limit['per_minute']): string[] {
  const count = (number: number | null | undefined, one: string): string[] =>
    number === null || number === undefined ? [] : [`${exactCount(number)} ${one}${number === 1 ? '' : 's'}`];
  return [...count(rate?.requests, 'request'), ...count(rate?.tokens, 'token')];
}

function modelsOf(allow: readonly string[], shown: number): string {
  if (allow.includes('*')) return 'All models';
  if (allow.length <= shown) return allow.join(', ');
  return `${allow.slice(0, shown).join(', ')} and ${allow.length - shown} more`;
}

/** Whether a limit has ended by itself: it no longer applies, and is still in the list. */
export function hasEnded({ until }: Pick<Limit, 'until'>, now = Date.now()): boolean {
  return until !== null && Date.parse(until) <= now;
}
