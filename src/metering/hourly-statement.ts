import { TOKEN_COLUMNS } from './recorded-calls';

/** The tables of sums by the hour, and what each of their rows is the sum for, in the order in which rows are locked. */
const KEYS = {
  usage_hourly: ['user_id', 'hour', 'org_id', 'proxy_token_id', 'provider', 'model'],
  org_usage_hourly: ['org_id', 'hour', 'provider', 'model'],
} as const;
type HourlyTable = keyof typeof KEYS;

/** The sums in each of these tables. */
export const SUMS = [
  'calls',
  ...TOKEN_COLUMNS,
  'cost_nano_usd',
  'estimated_calls',
  'unreadable_calls',
  'unpriced_calls',
] as const;

/** The SQL of what is added, by its sum; nothing is added to the others. */
export type Added = Partial<Record<(typeof SUMS)[number], string>>;

/** The SQL of the model that a call counts for: the one that answered, or else the one that was requested. */
export const MODEL = 'coalesce("model", "requested_model")';

const EXPRESSIONS: Readonly<Record<string, string>> = {
  hour: `date_trunc('hour', "at", 'UTC')`,
  model: MODEL,
};

/**
 * Returns the statement that adds to the sums by the hour of a table. The sums are locked in one order, so that two servers never wait
 * for each other.
 * @param calls the relation with the calls.
 */
export function addToHours(table: HourlyTable, calls: string, added: Added): string {
  const keys = KEYS[table];
  const numbers = keys.map((_, index) => index + 1).join(', ');
  const names = SUMS.map((name) => `"${name}"`);
  const key = keys.map((name) => `"${name}"`).join(', ');
  return `INSERT INTO "${table}" AS "sum" (${key}, ${names.join(', ')})
    SELECT ${keys.map((name) => EXPRESSIONS[name] ?? `"${name}"`).join(', ')}, ${SUMS.map((name) => added[name] ?? '0').join(', ')}
      FROM ${calls} WHERE ${table === 'usage_hourly' ? 'true' : '"org_id" IS NOT NULL'}
     GROUP BY ${numbers} ORDER BY ${numbers}
    ON CONFLICT (${key}) DO UPDATE SET ${names.map((name) => `${name} = "sum".${name} + excluded.${name}`).join(', ')}`;
}
