import { aside } from './aside';
import { Credentials } from './credentials-file';
import { fetchList } from './server-providers';

/** A limit that applies to the user, and how much of it is used, with the fields that are shown. */
export interface MyLimit {
  /** The name of the organization. */
  readonly org: string;
  readonly kind: string;
  readonly scope: string;
  readonly subject_id: string | null;
  readonly period: string | null;
  readonly amount_usd: string | null;
  readonly per_minute: { readonly requests?: number | null; readonly tokens?: number | null } | null;
  readonly allow: readonly string[] | null;
  readonly spent_usd: string | null;
  readonly reserved_usd: string | null;
  readonly left_usd: string | null;
  /** The highest of 75, 95 and 100 percent that is spent; null below. */
  readonly warning_percent: number | null;
  readonly resets_at: string | null;
}

interface Options {
  /** The name of the only organization whose limits are wanted; undefined for all of the user's. */
  readonly org?: string | undefined;
  readonly withinMs?: number;
}

/** Fetches the limits that apply to the user; none from a server of an earlier version. @throws CliError when that fails. */
export async function fetchMyLimits(
  { server_url, token }: Pick<Credentials, 'server_url' | 'token'>,
  { org, withinMs }: Options = {},
): Promise<MyLimit[]> {
  const limits = await fetchList(server_url, token, 'me/limits', isMyLimit, withinMs);
  return (limits ?? []).filter((limit) => org === undefined || limit.org === org);
}

/** Returns the limits that apply to the user; undefined if the server can't be asked, which is not what the command is for. */
export function knownLimits(credentials: Credentials): Promise<MyLimit[] | undefined> {
  return aside(credentials, (withinMs) => fetchMyLimits(credentials, { withinMs }));
}

function isMyLimit(value: unknown): value is MyLimit {
  const limit = (value ?? {}) as Record<keyof MyLimit, unknown>;
  const { org, kind, scope, subject_id, period, per_minute, allow, warning_percent, resets_at } = limit;
  const amounts = [limit.amount_usd, limit.spent_usd, limit.reserved_usd, limit.left_usd];
  return (
    [org, kind, scope].every((text) => typeof text === 'string') &&
    [subject_id, period].every((text) => text === null || typeof text === 'string') &&
    amounts.every((amount) => amount === null || isText(amount, /^-?\d+(\.\d+)?$/)) &&
    (resets_at === null || isText(resets_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d/)) &&
    (warning_percent === null || typeof warning_percent === 'number') &&
    typeof per_minute === 'object' &&
    (allow === null || (Array.isArray(allow) && allow.every((pattern) => typeof pattern === 'string')))
  );
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value);
}
