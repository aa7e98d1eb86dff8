import { shownUsd } from '../limits/amounts';
import { LimitEntity } from '../limits/limit.entity';
import { LimitRefusal } from '../limits/limit-refusal';
import { ProxyError } from './proxy-error';

/** The number of patterns of models that an error names. */
const MAX_PATTERNS = 20;

/** Returns the error for a call that a limit refuses. It says which limit it was, until when, and whom to ask. */
export function refusalOf(refusal: LimitRefusal, now: number): ProxyError {
  if (refusal.kind === 'unsure') return new ProxyError('limits_unavailable');
  const { limit } = refusal;
  const words = { org: orgName(limit), whose: whoseLimit(limit), amount: '' };
  switch (refusal.kind) {
    case 'model': {
      const allow = (limit.allow ?? []).slice(0, MAX_PATTERNS).join(', ');
      const code = refusal.model === undefined ? 'model_unknown' : 'model_not_allowed';
      return new ProxyError(code, undefined, { ...words, allow, model: refusal.model ?? '' });
    }
    case 'rate': {
      const { period, measure, amount } = refusal;
      const reached = reachedLimit('rate', period.end, now);
      const params = { ...words, measure, amount: String(amount), seconds: String(reached.secondsLeft) };
      return new ProxyError('rate_limit', undefined, params, reached);
    }
    case 'spend': {
      const { period, amount, spent, reserved, estimate } = refusal;
      const params = {
        ...words,
        period: limit.period ?? '',
        amount: shownUsd(amount),
        spent: shownUsd(spent),
        reserved: shownUsd(reserved),
        estimate: shownUsd(estimate),
        resetsAt: `${new Date(period.end).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      };
      const code = amount === 0 ? 'spending_blocked' : 'spend_limit';
      return new ProxyError(code, undefined, params, reachedLimit('spend', period.end, now));
    }
  }
}

function reachedLimit(kind: 'spend' | 'rate', end: number, now: number) {
  const secondsLeft = Math.max(1, Math.ceil((end - now) / 1_000));
  return { kind, resetsAt: Math.ceil(end / 1_000), secondsLeft };
}

function orgName({ org }: LimitEntity): string {
  return org?.displayName ?? org?.name ?? '';
}

function whoseLimit(limit: LimitEntity): string {
  const org = orgName(limit);
  switch (limit.scope) {
    case 'organization':
      return `The limit of the organization "${org}"`;
    case 'everyone':
    case 'member':
      return `Your limit in the organization "${org}"`;
    case 'token':
      return `The limit of this proxy token in the organization "${org}"`;
  }
}
