import { isObject } from '../config/json-file';
import { StartError } from '../config/start-error';
import { dayAfter } from '../metering/days';
import { DaysPeriod } from './period';

const ANSWER_WITHIN_MS = 60_000;
/** The maximum number of days of a page, as the API documents it. */
const DAYS_PER_PAGE = 31;
/** More pages than any period has: an API that never says the end must not keep the command forever. */
const MAX_PAGES = 1_000;

/** A result of a report with its day. */
export interface ReportResult extends Readonly<Record<string, unknown>> {
  readonly day: string;
}

/** Reads the reports of Anthropic's Usage and Cost Admin API, page by page. */
export class AdminReports {
  /** @param baseUrl without a trailing slash. */
  constructor(
    private readonly baseUrl: string,
    private readonly key: string,
  ) {}

  /** Returns what was used, by day (UTC) and model. @throws StartError */
  usage(period: DaysPeriod): Promise<ReportResult[]> {
    return this.read('usage_report/messages', period, 'model');
  }

  /** Returns what it costs, by day (UTC) and description, which names the model. @throws StartError */
  costs(period: DaysPeriod): Promise<ReportResult[]> {
    return this.read('cost_report', period, 'description');
  }

  private async read(report: string, { from, to }: DaysPeriod, group: string): Promise<ReportResult[]> {
    const url = new URL(`${this.baseUrl}/v1/organizations/${report}`);
    url.searchParams.set('starting_at', `${from}T00:00:00Z`);
    url.searchParams.set('ending_at', `${dayAfter(to, 1)}T00:00:00Z`);
    url.searchParams.set('bucket_width', '1d');
    url.searchParams.set('group_by[]', group);
    url.searchParams.set('limit', String(DAYS_PER_PAGE));
    const results: ReportResult[] = [];
    for (let page = 1; page <= MAX_PAGES; page++) {
      const answer = await this.get(url);
      results.push(...resultsOf(answer));
      if (answer.has_more !== true) return results;
      if (typeof answer.next_page !== 'string') throw unknownForm();
      url.searchParams.set('page', answer.next_page);
    }
    throw unknownForm();
  }

  private async get(url: URL): Promise<Record<string, unknown>> {
    const headers = { 'x-api-key': this.key, 'anthropic-version': '2023-06-01', accept: 'application/json' };
    let response: Response;
    let text: string;
    try {
      // A redirect could carry the key elsewhere.
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      response = await fetch(url, { headers, redirect: 'error', signal });
      text = await response.text();
    } catch (error) {
      throw unreachable(url, error);
    }
    if (!response.ok) throw refused(response.status, url);
    const body = parsed(text);
    if (!isObject(body)) throw unknownForm();
    return body;
  }
}

function resultsOf({ data }: Record<string, unknown>): ReportResult[] {
  if (!Array.isArray(data)) throw unknownForm();
  return data.flatMap((bucket: unknown) => {
    if (!isObject(bucket) || typeof bucket.starting_at !== 'string' || !Array.isArray(bucket.results))
      throw unknownForm();
    const day = bucket.starting_at.slice(0, 10);
    return bucket.results.map((result: unknown) => {
      if (!isObject(result)) throw unknownForm();
      return { ...result, day };
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(status: number, { origin }: URL): StartError {
  if (status === 401 || status === 403)
    return new StartError(
      `${origin} refused the Admin API key (${status}). Check that it is one (sk-ant-admin...), of the right organization, and not revoked.`,
    );
  if (status === 429) return new StartError(`${origin} asks to wait (429). Try again in a minute.`);
  return new StartError(
    `${origin} answered ${status}. Try again later, or check TRACEVAULT_ANTHROPIC_UPSTREAM.`,
  );
}

function unreachable({ origin }: URL, error: unknown): StartError {
  const { name, cause } = Object(error) as { name?: string; cause?: { code?: string } };
  const why = name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? 'no connection');
  return new StartError(
    `${origin} can't be reached (${why}). Check the network from this machine; this command does not use TRACEVAULT_OUTBOUND_PROXY.`,
  );
}

/** The error for an answer that is not as documented. */
export function unknownForm(): StartError {
  return new StartError('The answer of the Admin API is not in the documented form; nothing was compared.');
}
