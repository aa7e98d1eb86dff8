import { CliError } from './cli-error';
import { Credentials, readLiveCredentials } from './credentials-file';
import { Io } from './io';
import { printLimits } from './limit-lines';
import { fetchMyLimits } from './my-limits';
import { call } from './server';
import { print, printJson, sanitized, say } from './terminal';
import { list } from './token-list';
import { fetchUsage, Usage } from './usage-answers';
import { UsageOptions } from './usage-commands';
import { periodTyped } from './usage-period';
import { remarksOn, usageTable } from './usage-table';

const GROUPS = ['day', 'hour', 'model', 'provider', 'token', 'session', 'client', 'person'];
const BY_TIME = ['day', 'hour'];
const SHORT_ID = 8;

/** Prints what the user's calls, or those of an organization, used and cost, and how much of the user's limits is left. */
export async function printUsage(io: Io, options: UsageOptions): Promise<void> {
  const groups = groupsTyped(options);
  const period = periodTyped(options);
  const credentials = await readLiveCredentials(io);
  const usage = await fetchUsage(credentials, options.org, { ...period, group_by: groups.join(',') });
  const limits = await fetchMyLimits(credentials, { org: options.org });
  if (options.json === true) {
    printJson(io, { ...usage, limits });
    return;
  }
  await printSums(io, { credentials, groups, usage, org: options.org });
  printLimits(io, limits);
}

interface Answered {
  readonly credentials: Credentials;
  readonly groups: readonly string[];
  readonly usage: Usage;
  readonly org: string | undefined;
}

async function printSums(io: Io, { credentials, groups, usage, org }: Answered): Promise<void> {
  const days = `from ${sanitized(usage.from)} to ${sanitized(usage.to)} (${sanitized(usage.time_zone)})`;
  if (usage.total.calls === 0) {
    print(io, `There are no calls ${days}.`);
    say(io, 'What your agents send through the proxy is counted here. Their lines: tracevault proxy info');
    return;
  }
  const nameOf = await namesOf(credentials, groups, org);
  const named = inOrder(usage.groups, groups).map(({ key, ...sums }) => ({
    names: groups.map((group) => sanitized(nameOf(group, key[group] ?? null))),
    sums,
  }));
  print(io, usageTable(groups, named, usage.total).join('\n'));
  say(io, `Calls ${days}.`);
  for (const line of [...remarksOn(usage.total), ...omittedFrom(usage)]) say(io, line);
}

function omittedFrom({ omitted_groups: omitted, groups }: Usage): string[] {
  if (typeof omitted !== 'number' || omitted === 0) return [];
  return [
    `These are the ${groups.length} that cost most. ${omitted} more are in the total alone: --from and --to for a shorter period.`,
  ];
}

/** @throws CliError (usage) for a group that is not known, twice the same, or more than two. */
function groupsTyped({ by = 'model', org }: UsageOptions): string[] {
  const groups = by.split(',').map((group) => group.trim());
  const unknown = groups.find((group) => !GROUPS.includes(group));
  if (unknown !== undefined)
    throw new CliError(
      `Usage is not grouped by "${sanitized(unknown)}".`,
      `There are: ${GROUPS.join(', ')}.`,
      2,
    );
  if (groups.length > 2 || new Set(groups).size < groups.length)
    throw new CliError('--by takes up to two different groups.', 'For example: --by day,model', 2);
  if (groups.includes('person') && org === undefined)
    throw new CliError('--by person is for an organization.', 'Say which: --org NAME', 2);
  return groups;
}

/** Returns groups of time in its order, and others by what they cost, the most first. */
function inOrder(sums: Usage['groups'], [first = '']: readonly string[]): Usage['groups'] {
  if (BY_TIME.includes(first)) return sums;
  return [...sums].sort((one, other) => Number(other.cost_usd) - Number(one.cost_usd));
}

/** Returns what the ids of tokens and persons stand for, as far as the user may know. */
async function namesOf(
  { server_url, token, email }: Credentials,
  groups: readonly string[],
  org: string | undefined,
): Promise<(group: string, key: string | null) => string> {
  const names = new Map<string, string>();
  if (groups.includes('token'))
    for (const { id, name } of await list({ server_url, token })) names.set(id, name);
  if (groups.includes('person') && org !== undefined) {
    const path = `orgs/${encodeURIComponent(org)}/members`;
    const { status, body } = await call(server_url, 'GET', path, { token, isList: true });
    const members = status < 300 && Array.isArray(body.list) ? (body.list as unknown[]) : [];
    for (const member of members) {
      const { user_id, email: address } = Object(member) as Record<string, unknown>;
      if (typeof user_id === 'string' && typeof address === 'string') names.set(user_id, address);
    }
  }
  return (group, key) => {
    if (key === null) return WITHOUT[group] ?? 'none';
    if (group !== 'token' && group !== 'person') return key;
    // A member who is no manager sees no list of members, and no calls but their own.
    return names.get(key) ?? (group === 'person' && names.size === 0 ? email : key.slice(0, SHORT_ID));
  };
}

/** What stands for a group without a key. */
const WITHOUT: Readonly<Record<string, string>> = {
  token: 'none: a session',
  model: 'none',
  session: 'none',
  client: 'it did not say',
};
