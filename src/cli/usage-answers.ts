import { CliError } from './cli-error';
import { Credentials } from './credentials-file';
import { callOrFail } from './server';
import { PeriodQuery } from './usage-period';
import { Sums } from './usage-table';

/** What calls used, as the API answers it. */
export interface Usage {
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
  readonly total: Sums;
  readonly groups: readonly (Sums & { readonly key: Readonly<Record<string, string | null>> })[];
  /** The number of groups that are not in the list; a server of an earlier version does not say it. */
  readonly omitted_groups?: unknown;
}

/** A call, with the fields that are shown. */
export interface Call {
  readonly id: string;
  readonly at: string;
  readonly provider: string;
  readonly endpoint: string;
  readonly requested_model: string | null;
  readonly model: string | null;
  readonly status: number | null;
  readonly outcome: string;
  readonly usage_state: string;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_5m_tokens: number;
  readonly cache_write_1h_tokens: number;
  readonly output_tokens: number;
  readonly thinking_tokens: number;
  readonly cost_usd: string | null;
  readonly price_id: string | null;
  readonly client: string | null;
  readonly ms: number;
}

/** A line of a call's cost. */
export interface CostLine {
  readonly category: string;
  readonly model: string | null;
  readonly quantity: number;
  readonly usd_per_unit: string | null;
  readonly multiplier: string;
  readonly cost_usd: string;
}

/** The row of the price table that a call was priced with. */
export interface AppliedPrice {
  readonly from: string | null;
  readonly source: string | null;
  readonly checked: string | null;
  readonly override: boolean;
}

export type CallDetails = Call & {
  readonly cost: readonly CostLine[];
  /** Undefined from a server of an earlier version. */
  readonly price?: AppliedPrice | null;
};

const SUM_NUMBERS = [
  ...['calls', 'input_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'],
  ...['output_tokens', 'estimated_calls', 'unreadable_calls', 'unpriced_calls'],
];
const CALL_NUMBERS = [
  ...['input_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'],
  ...['output_tokens', 'thinking_tokens', 'ms'],
];
const CALL_TEXTS = ['id', 'at', 'provider', 'endpoint', 'outcome', 'usage_state'];

type Session = Pick<Credentials, 'server_url' | 'token'>;

/**
 * Asks for what the user's calls used, or those of an organization.
 * @throws CliError when the request fails, or the response is of another kind.
 */
export async function fetchUsage(
  session: Session,
  org: string | undefined,
  query: PeriodQuery & { readonly group_by: string },
): Promise<Usage> {
  const body = await ask(session, `${pathOf(org)}/usage`, query);
  const { from, to, time_zone, total, groups } = body;
  const isGroup = (group: unknown): boolean =>
    isSums(group) && typeof (group as { key?: unknown }).key === 'object';
  const areTexts = [from, to, time_zone].every((text) => typeof text === 'string');
  if (areTexts && isSums(total) && Array.isArray(groups) && groups.every(isGroup))
    return body as unknown as Usage;
  throw notOurs(session);
}

/** Asks for a list of calls. @throws CliError when the request fails, or the response is of another kind. */
export async function fetchCalls(
  session: Session,
  org: string | undefined,
  query: object,
): Promise<{ calls: Call[]; next_cursor: string | null }> {
  const body = await ask(session, `${pathOf(org)}/calls`, query);
  if (Array.isArray(body.calls) && body.calls.every(isCall))
    return body as { calls: Call[]; next_cursor: string | null };
  throw notOurs(session);
}

/** Asks for one call. @throws CliError when there is none, the request fails, or the response is of another kind. */
export async function fetchCall(session: Session, org: string | undefined, id: string): Promise<CallDetails> {
  const body = await ask(session, `${pathOf(org)}/calls/${encodeURIComponent(id)}`, {});
  if (isCall(body) && Array.isArray(body.cost) && body.cost.every(isCostLine) && isPrice(body.price))
    return body as unknown as CallDetails;
  throw notOurs(session);
}

function pathOf(org: string | undefined): string {
  return org === undefined ? 'me' : `orgs/${encodeURIComponent(org)}`;
}

function ask({ server_url, token }: Session, path: string, query: object): Promise<Record<string, unknown>> {
  const parameters = new URLSearchParams({ ...query }).toString();
  return callOrFail(server_url, 'GET', parameters === '' ? path : `${path}?${parameters}`, { token });
}

function notOurs({ server_url }: Session): CliError {
  return new CliError(`${server_url} does not answer as TraceVault does.`);
}

function isSums(value: unknown): value is Sums {
  return hasNumbers(value, SUM_NUMBERS) && isDecimal(value.cost_usd);
}

function isCall(value: unknown): value is Call & { cost?: unknown; price?: unknown } {
  if (!hasNumbers(value, CALL_NUMBERS)) return false;
  const areTexts = CALL_TEXTS.every((name) => typeof value[name] === 'string');
  return (
    areTexts &&
    !Number.isNaN(Date.parse(String(value.at))) &&
    (value.cost_usd === null || isDecimal(value.cost_usd))
  );
}

function isCostLine(value: unknown): value is CostLine {
  return hasNumbers(value, ['quantity']) && typeof value.category === 'string' && isDecimal(value.cost_usd);
}

function isPrice(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const { from, source, checked, override } = Object(value) as Record<string, unknown>;
  const areTexts = [from, source, checked].every((text) => text === null || typeof text === 'string');
  return areTexts && typeof override === 'boolean';
}

function hasNumbers(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  const fields = Object(value) as Record<string, unknown>;
  return names.every((name) => typeof fields[name] === 'number');
}

function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
}
