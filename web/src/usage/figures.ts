import { exactCount, money, percent, shortCount } from '../ui/numbers';
import { hasFailed } from './call-words';
import type { Activity } from './overview-data';
import { cacheHitRate, costOf, inputOf, tokensOf, unsure, type Sums } from './sums';
import { against, ofDay, weekBefore } from './today';

/** A number to be seen at once, with what explains it. */
export interface Figure {
  readonly title: string;
  readonly value: string;
  /** The exact number, where the value is a short one. */
  readonly exact?: string | undefined;
  readonly note?: string | undefined;
  /** Whether the note is something to look at. */
  readonly isWarning?: boolean;
}

/** Returns the figures of a period. */
export function figuresOf(sums: Sums): Figure[] {
  const [cost, words, rate] = [costOf(sums), unsure(sums), cacheHitRate(sums)];
  return [
    {
      title: 'Cost',
      value: cost === null ? 'Not known' : money(cost),
      exact: cost === null ? undefined : `$${sums.cost_usd}`,
      note:
        words === undefined
          ? undefined
          : `${words} ${words.startsWith('1 ') && !words.includes(',') ? 'request' : 'requests'}`,
      isWarning: true,
    },
    {
      title: 'Tokens',
      value: shortCount(tokensOf(sums)),
      exact: `${exactCount(tokensOf(sums))} tokens`,
      note: `${shortCount(inputOf(sums))} in, ${shortCount(sums.output_tokens)} out`,
    },
    { title: 'Requests', value: exactCount(sums.calls) },
    {
      title: 'Cache hit rate',
      value: rate === null ? '–' : percent(rate),
      note: rate === null ? 'No input yet' : `${shortCount(sums.cache_read_tokens)} read from cache`,
    },
  ];
}

/** Returns the figures of the overview: today against the same day of last week, and how well it goes. */
export function figuresOfToday({ at, today, usage, weekBefore: before, calls }: Activity): Figure[] {
  const [now, then] = [ofDay(usage.groups, today), weekBefore(before.groups, at)];
  const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(new Date(today));
  const failed = calls.filter(hasFailed).length;
  const [cost, rate] = [costOf(usage.total), cacheHitRate(usage.total)];
  return [
    { title: 'Spent today', value: money(now.cost), note: against(now.cost, then.cost, money, weekday) },
    {
      title: 'Tokens today',
      value: shortCount(now.tokens),
      exact: `${exactCount(now.tokens)} tokens`,
      note: against(now.tokens, then.tokens, shortCount, weekday),
    },
    {
      title: 'Spent in 30 days',
      value: cost === null ? 'Not known' : money(cost),
      note: `${exactCount(usage.total.calls)} ${usage.total.calls === 1 ? 'request' : 'requests'}`,
    },
    {
      title: 'Cache hit rate',
      value: rate === null ? '–' : percent(rate),
      note: 'Of the input of 30 days',
    },
    {
      title: 'Error rate',
      value: percent(calls.length === 0 ? 0 : failed / calls.length),
      note: `${failed} of the last ${calls.length} requests`,
      isWarning: failed > 0,
    },
  ];
}
