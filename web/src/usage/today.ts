import type { components } from '../api/schema';
import { tokensOf } from './sums';

type Groups = components['schemas']['UsageDto']['groups'];
const WEEK_MS = 7 * 86_400_000;

/** What a day used and cost so far. */
export interface Day {
  readonly cost: number;
  readonly tokens: number;
}

/** Returns the sums of one day, of groups by day. */
export function ofDay(groups: Groups, day: string): Day {
  return sum(groups.filter(({ key }) => key.day === day));
}

/** Returns the sums of the hours that had begun a week before `now`, of groups by hour: as much of that day as there is of today. */
export function weekBefore(groups: Groups, now: number): Day {
  return sum(groups.filter(({ key }) => Date.parse(key.hour ?? '') <= now - WEEK_MS));
}

function sum(groups: Groups): Day {
  return {
    cost: groups.reduce((total, { cost_usd }) => total + Number(cost_usd), 0),
    tokens: groups.reduce((total, group) => total + tokensOf(group), 0),
  };
}

/** Says how a number compares with the one of a week before. */
export function against(
  now: number,
  before: number,
  format: (value: number) => string,
  weekday: string,
): string {
  const then = `${format(before)} by this time last ${weekday}`;
  if (before === 0 || now === before) return then;
  const change = Math.round((now / before - 1) * 100);
  if (Math.abs(change) >= 1000) return then;
  return `${change > 0 ? '+' : '−'}${Math.abs(change)}%, ${then}`;
}
