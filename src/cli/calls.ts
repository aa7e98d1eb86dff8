import { dollars, tokens } from './amounts';
import { CliError } from './cli-error';
import { Credentials, readLiveCredentials } from './credentials-file';
import { Io } from './io';
import { table } from './table';
import { print, printJson, sanitized, say } from './terminal';
import { list } from './token-list';
import { tokenNamed } from './token-named';
import { Call, fetchCalls } from './usage-answers';
import { CallsOptions } from './usage-commands';
import { inZone, periodTyped } from './usage-period';
import { remarksOn } from './usage-table';

const DEFAULT_LIMIT = '20';
const MAX_LIMIT = 200;

/** Lists the user's calls, or those of an organization, as a table of at most 100 terminal columns. */
export async function listCalls(io: Io, options: CallsOptions): Promise<void> {
  const period = periodTyped(options);
  const limit = limitTyped(options);
  const credentials = await readLiveCredentials(io);
  const filter = await filterTyped(credentials, options);
  const found = await fetchCalls(credentials, options.org, { ...period, ...filter, limit });
  if (options.json === true) {
    printJson(io, found);
    return;
  }
  const { calls, next_cursor } = found;
  if (calls.length === 0) {
    print(io, 'There are no such calls.');
    say(io, 'Without --from or --month the last 30 days are searched.');
    return;
  }
  const columns = [
    { title: 'AT', max: 16 },
    { title: 'MODEL', max: 20 },
    { title: 'INPUT', max: 6, isNumber: true },
    { title: 'OUTPUT', max: 6, isNumber: true },
    { title: 'COST', max: 11, isNumber: true },
    { title: 'ID', max: 31 },
  ];
  const rows = calls.map((call) => [
    inZone(call.at, period.time_zone),
    sanitized(call.model ?? call.requested_model ?? call.endpoint),
    tokens(inputOf(call)),
    tokens(call.output_tokens),
    costOf(call),
    sanitized(call.id),
  ]);
  print(io, table(columns, rows).join('\n'));
  say(io, `Times are in ${period.time_zone}. What one cost, line by line: tracevault calls ID`);
  for (const line of remarksOn(uncertainIn(calls))) say(io, line);
  if (next_cursor !== null)
    say(io, `There are more: --limit takes up to ${MAX_LIMIT}, and --to an earlier day.`);
}

/** @throws CliError (usage) */
function limitTyped({ limit = DEFAULT_LIMIT }: CallsOptions): string {
  if (/^[1-9]\d{0,2}$/.test(limit) && Number(limit) <= MAX_LIMIT) return limit;
  throw new CliError(`--limit takes a number from 1 to ${MAX_LIMIT}.`, undefined, 2);
}

async function filterTyped(credentials: Credentials, options: CallsOptions): Promise<Record<string, string>> {
  const { model, provider, outcome, usage, token, session } = options;
  return {
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
    ...(outcome !== undefined && { outcome }),
    ...(usage !== undefined && { usage_state: usage }),
    ...(token !== undefined && { token: tokenNamed(await list(credentials), token).id }),
    ...(session !== undefined && { session }),
  };
}

/** Returns the number of tokens that went in, from the cache or not. */
export function inputOf(call: Call): number {
  return call.input_tokens + call.cache_read_tokens + call.cache_write_5m_tokens + call.cache_write_1h_tokens;
}

/** Formats the cost of a call in a few letters; one that is not known never as zero. */
function costOf({ cost_usd, usage_state, status }: Call): string {
  if (usage_state === 'none') return status !== null && status >= 400 ? `error ${status}` : 'no usage';
  if (usage_state === 'unreadable') return 'unreadable';
  if (cost_usd === null) return 'no price';
  return dollars(cost_usd) + (usage_state === 'estimated' ? '+' : '');
}

function uncertainIn(calls: readonly Call[]) {
  const count = (is: (call: Call) => boolean): number => calls.filter(is).length;
  return {
    estimated_calls: count(({ usage_state }) => usage_state === 'estimated'),
    unreadable_calls: count(({ usage_state }) => usage_state === 'unreadable'),
    unpriced_calls: count(isUnpriced),
  };
}

/** Whether a call has usage that no price is known for. */
export function isUnpriced({ usage_state, cost_usd }: Call): boolean {
  return cost_usd === null && (usage_state === 'measured' || usage_state === 'estimated');
}
