import type { components } from '../api/schema';
import { PATHS } from '../app/routes';
import { money } from '../ui/numbers';
import { relativeTime } from '../ui/times';
import type { Attention } from '../usage/attention';
import { shareInWords, useOf } from './limit-use';
import { amountInTime, type Limit } from './limit-words';

type MyLimit = Limit &
  Pick<components['schemas']['MyLimitDto'], 'spent_usd' | 'reserved_usd' | 'resets_at' | 'org'>;

/** Returns what to say of a limit whose end is near, or that is reached; undefined while it is far. */
export function limitAttention(limit: MyLimit, now: number): Attention | undefined {
  const use = useOf(limit);
  if (use === undefined || use.level === 'fine') return undefined;
  const { level, spent } = use;
  const again = limit.resets_at === null ? '' : relativeTime(limit.resets_at, now);
  const what = `${amountInTime(limit)}${WHOSE[limit.scope]} in ${limit.org}`;
  const part = `${money(Number(limit.spent_usd))} of ${what} (${shareInWords(spent)})`;
  const words = {
    high: `${part} is spent; ${again} it begins again.`,
    nearly: `${part} is spent: until it begins again ${again}, large requests may be refused.`,
    reached: `The limit of ${what} is used up: until it begins again ${again}, requests are refused.`,
    blocked: `Spending${WHOSE[limit.scope]} in ${limit.org} is blocked: requests are refused. Ask an owner or admin.`,
  };
  return {
    id: `limit-${limit.id}`,
    tone: level === 'high' ? 'warn' : 'bad',
    text: words[level],
    href: PATHS.limits(limit.org),
    action: 'See the limits',
  };
}

const WHOSE: Readonly<Record<MyLimit['scope'], string>> = {
  organization: ' for all together',
  everyone: '',
  member: '',
  token: ' through one of your tokens',
};
