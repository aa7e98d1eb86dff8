import { api, request, requestAll, type Answer, type Dto } from '../api/client';
import { askCalls, askUsage } from './ask';
import { browserZone, dayAfter, dayOf } from './days';

/** The longest period that the API answers, in days. */
const MAX_DAYS = 400;
/** The days that the chart shows. */
const CHART_DAYS = 30;
/** The number of calls of which the error rate is. */
const CALLS = 50;

/** What a user has to connect agents with. */
export interface Setup {
  readonly keys: Dto['MyKeyDto'][];
  readonly tokens: Dto['ProxyTokenDto'][];
}

/** What a user's agents did, at one time. */
export interface Activity {
  readonly at: number;
  readonly today: string;
  /** By day and model. */
  readonly usage: Dto['UsageDto'];
  /** The same day a week before, by hour. */
  readonly weekBefore: Dto['UsageDto'];
  readonly calls: Dto['CallDto'][];
  /** The limits that apply to the user in all their organizations. */
  readonly limits: Dto['MyLimitDto'][];
}

export async function askSetup(signal: AbortSignal): Promise<Answer<Setup>> {
  const answer = await requestAll<[Setup['keys'], Setup['tokens']]>(
    request(api.GET('/api/v1/me/keys', { signal })),
    request(api.GET('/api/v1/me/proxy-tokens', { signal })),
  );
  return answer.ok ? { ok: true, data: { keys: answer.data[0], tokens: answer.data[1] } } : answer;
}

export async function askActivity(signal: AbortSignal): Promise<Answer<Activity>> {
  const [at, time_zone] = [Date.now(), browserZone()];
  const today = dayOf(at, time_zone);
  const then = dayAfter(today, -7);
  const answer = await requestAll<[Dto['UsageDto'], Dto['UsageDto'], Dto['CallsDto'], Dto['MyLimitDto'][]]>(
    askUsage(
      '',
      { from: dayAfter(today, 1 - CHART_DAYS), to: today, time_zone, group_by: ['day', 'model'] },
      signal,
    ),
    askUsage('', { from: then, to: then, time_zone, group_by: ['hour'] }, signal),
    askCalls('', { from: dayAfter(today, 1 - MAX_DAYS), to: today, time_zone, limit: CALLS }, signal),
    request(api.GET('/api/v1/me/limits', { signal })),
  );
  if (!answer.ok) return answer;
  const [usage, weekBefore, { calls }, limits] = answer.data;
  return { ok: true, data: { at, today, usage, weekBefore, calls, limits } };
}
