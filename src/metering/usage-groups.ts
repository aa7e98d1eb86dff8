/** What the usage of a person or an organization can be grouped by. */
export const USAGE_GROUPS = [
  'day',
  'hour',
  'model',
  'provider',
  'token',
  'session',
  'client',
  'person',
] as const;
/** What the usage of everybody can be grouped by, for the operator. */
export const OPERATOR_GROUPS = ['person', 'org', 'model', 'provider', 'day'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number] | (typeof OPERATOR_GROUPS)[number];

/** A table that usage is read from: an organization's sums by the hour, those by user and token, or the calls themselves. */
export type UsageTable = 'org_usage_hourly' | 'usage_hourly' | 'calls';

/** Groups that no sums by the hour know. */
const ONLY_CALLS: readonly UsageGroup[] = ['session', 'client'];
/** Groups that the sums of an organization know. */
const OF_ORG: readonly UsageGroup[] = ['day', 'hour', 'model', 'provider'];

/**
 * Returns the table that answers a query: the smallest one that has all that it takes.
 * @param isOfOrg whether it asks for an organization and all of its users.
 */
export function tableFor(
  groups: readonly UsageGroup[],
  hasWholeHours: boolean,
  isOfOrg: boolean,
): UsageTable {
  if (!hasWholeHours || groups.some((group) => ONLY_CALLS.includes(group))) return 'calls';
  return isOfOrg && groups.every((group) => OF_ORG.includes(group)) ? 'org_usage_hourly' : 'usage_hourly';
}

/** The column with the time, by table. */
export const TIME: Readonly<Record<UsageTable, string>> = {
  org_usage_hourly: '"hour"',
  usage_hourly: '"hour"',
  calls: '"at"',
};

const MODEL: Readonly<Record<UsageTable, string>> = {
  org_usage_hourly: '"model"',
  usage_hourly: '"model"',
  calls: 'coalesce("model", "requested_model")',
};

/** Returns the SQL of a group's key. `zone` is the placeholder of the time zone. */
export function keyOf(group: UsageGroup, table: UsageTable, zone: string): string {
  switch (group) {
    case 'day':
      return `to_char(${TIME[table]} AT TIME ZONE ${zone}, 'YYYY-MM-DD')`;
    case 'hour':
      return `to_char(date_trunc('hour', ${TIME[table]}, ${zone}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')`;
    case 'model':
      return MODEL[table];
    case 'provider':
      return '"provider"';
    case 'token':
      return '"proxy_token_id"';
    case 'session':
      return '"agent_session_id"';
    case 'client':
      return '"client"';
    case 'person':
      return '"user_id"';
    case 'org':
      return '"org_id"';
  }
}

const COUNTS = ['calls', 'estimated_calls', 'unreadable_calls', 'unpriced_calls'];
const TOKENS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
];

/**
 * Returns the SQL of the rows that are added up: those of the table, or sums of them that are few and that the groups can be made
 * of. A thousand users have half a million sums a month; to write the day of each of them would take most of the time.
 * @param conditions the SQL of which rows.
 */
export function rowsOf(groups: readonly UsageGroup[], table: UsageTable, conditions: string): string {
  const from = `FROM "${table}" WHERE ${conditions}`;
  const hasTime = groups.includes('day') || groups.includes('hour');
  const isFine = hasTime && (groups.includes('person') || groups.includes('token'));
  if (table === 'calls' || groups.length === 0 || isFine) return `SELECT * ${from}`;
  const columns = new Set(
    groups.map((group) => (group === 'day' || group === 'hour' ? TIME[table] : keyOf(group, table, '$1'))),
  );
  const names = [...columns].join(', ');
  const sums = [...COUNTS, ...TOKENS, 'cost_nano_usd'].map((name) => `sum("${name}") AS "${name}"`);
  return `SELECT ${[names, ...sums].join(', ')} ${from} GROUP BY ${names}`;
}

/** Returns the SQL of the sums, exact and as text where a number could be too large for JavaScript. */
export function sumsOf(table: UsageTable): string {
  const tokens = TOKENS.map((name) => `coalesce(sum("${name}"), 0)::text AS "${name}"`);
  const cost = `coalesce(sum("cost_nano_usd"), 0)::text AS "cost_nano_usd"`;
  return [...countsOf(table), ...tokens, cost].join(', ');
}

function countsOf(table: UsageTable): string[] {
  if (table !== 'calls') return COUNTS.map((name) => `coalesce(sum("${name}"), 0)::int AS "${name}"`);
  return [
    'count(*)::int AS "calls"',
    `(count(*) FILTER (WHERE "usage_state" = 'estimated'))::int AS "estimated_calls"`,
    `(count(*) FILTER (WHERE "usage_state" = 'unreadable'))::int AS "unreadable_calls"`,
    `(count(*) FILTER (WHERE "usage_state" IN ('measured', 'estimated') AND "cost_nano_usd" IS NULL))::int AS "unpriced_calls"`,
  ];
}
