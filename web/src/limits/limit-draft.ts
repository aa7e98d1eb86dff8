import type { components } from '../api/schema';
import type { Limit } from './limit-words';

type Create = components['schemas']['CreateLimitDto'];
type Update = components['schemas']['UpdateLimitDto'];

/** What the form of a limit holds, as it was typed and chosen. */
export interface Draft {
  kind: Limit['kind'];
  scope: Limit['scope'];
  /** The id of the member or of the proxy token; empty before one is chosen. */
  subject: string;
  period: NonNullable<Limit['period']>;
  /** Whether there is an amount, none, or nothing to be spent. */
  allows: 'amount' | 'unlimited' | 'nothing';
  usd: string;
  requests: string;
  tokens: string;
  /** One a line. */
  models: string;
  estimate: Limit['estimate'];
  countsOwnKeys: boolean;
  /** A time in the browser's zone, as its field has it; empty for a limit that does not end. */
  until: string;
  note: string;
}

/** The draft that the form begins with. */
export const NEW: Draft = {
  ...{ kind: 'spend', scope: 'everyone', subject: '', period: 'month', allows: 'amount', usd: '' },
  ...{ requests: '', tokens: '', models: '', estimate: 'strict', countsOwnKeys: false, until: '', note: '' },
};

/** Returns the draft that changes a limit. */
export function draftOf(limit: Limit): Draft {
  const { kind, scope, subject_id, period, amount_usd: usd, per_minute: rate, allow } = limit;
  const isNothing = usd !== null && Number(usd) === 0;
  return {
    kind,
    scope,
    subject: subject_id ?? '',
    period: period ?? 'month',
    allows: kind !== 'spend' ? 'amount' : usd === null ? 'unlimited' : isNothing ? 'nothing' : 'amount',
    usd: usd === null || isNothing ? '' : usd,
    requests: `${rate?.requests ?? ''}`,
    tokens: `${rate?.tokens ?? ''}`,
    models: (allow ?? []).join('\n'),
    estimate: limit.estimate,
    countsOwnKeys: limit.count_personal_keys,
    until: limit.until === null ? '' : localTime(new Date(limit.until)),
    note: limit.note ?? '',
  };
}

/** Returns the body of the request that creates a limit. */
export function creationOf(draft: Draft): Create {
  const { kind, scope, subject, period } = draft;
  const isOfOne = scope === 'member' || scope === 'token';
  return {
    kind,
    scope,
    ...(isOfOne && subject !== '' && { subject_id: subject }),
    ...(kind === 'spend' && { period }),
    ...partsOf(draft),
  } as Create; // the document calls fields with a default required, and a limit of another kind may not have them
}

/** Returns the body of the request that changes a limit: what differs from the draft that the form began with. */
export function changesOf(draft: Draft, before: Draft): Update {
  const then = new Map(Object.entries(partsOf(before)));
  return Object.fromEntries(
    Object.entries(partsOf(draft)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(then.get(name)),
    ),
  ) as Update;
}

/** Returns the fields that can change, of this kind. */
function partsOf(draft: Draft): Partial<Update> {
  const { until, note } = draft;
  const common = {
    until: until === '' ? null : new Date(until).toISOString(),
    note: note.trim() === '' ? null : note,
  };
  switch (draft.kind) {
    case 'spend':
      return {
        amount_usd: amountOf(draft),
        estimate: draft.estimate,
        count_personal_keys: draft.countsOwnKeys,
        ...common,
      };
    case 'rate':
      return { per_minute: { requests: countOf(draft.requests), tokens: countOf(draft.tokens) }, ...common };
    case 'models':
      return { allow: draft.models.split(/[\s,]+/).filter((model) => model !== ''), ...common };
  }
}

function amountOf({ allows, usd }: Draft): string | null {
  switch (allows) {
    case 'amount':
      return usd.trim().replace(/^\$\s*/, '');
    case 'unlimited':
      return null;
    case 'nothing':
      return '0';
  }
}

/** Returns a typed count; null for none, and 0, which the server refuses, for what is none. */
function countOf(typed: string): number | null {
  const digits = typed.replace(/[\s,]/g, '');
  if (digits === '') return null;
  return /^\d{1,15}$/.test(digits) ? Number(digits) : 0;
}

/** Returns a time in the browser's zone as a field of the type `datetime-local` has it. */
function localTime(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
