import { CALL_COLUMNS } from './call-row';
import { Added, addToHours, MODEL } from './hourly-statement';
import { addToSessions } from './session-statement';
import { queueForSeal } from './seal-queue-statement';
import { addToSpend } from './spend-statement';
import { TOKEN_COLUMNS } from './recorded-calls';

const NAMES = Object.keys(CALL_COLUMNS) as (keyof typeof CALL_COLUMNS)[];

/** What a call has of usage that was billed before: nothing. */
const BILLED_BEFORE: Partial<Record<keyof typeof CALL_COLUMNS, string>> = {
  usage_state: `'none'`,
  input_tokens: '0',
  cache_read_tokens: '0',
  cache_write_5m_tokens: '0',
  cache_write_1h_tokens: '0',
  output_tokens: '0',
  thinking_tokens: '0',
  web_searches: '0',
  cost_nano_usd: 'NULL',
  cost_lines: 'NULL',
  price_id: 'NULL',
  price_facts: 'NULL',
};

const HAS_USAGE = `"usage_state" IN ('measured', 'estimated')`;
const IS_UNPRICED = `${HAS_USAGE} AND "cost_nano_usd" IS NULL`;

const ADDED: Added = {
  calls: 'count(*)',
  ...Object.fromEntries(TOKEN_COLUMNS.map((name) => [name, `sum("${name}")`])),
  cost_nano_usd: 'coalesce(sum("cost_nano_usd"), 0)',
  estimated_calls: `count(*) FILTER (WHERE "usage_state" = 'estimated')`,
  unreadable_calls: `count(*) FILTER (WHERE "usage_state" = 'unreadable')`,
  unpriced_calls: `count(*) FILTER (WHERE ${IS_UNPRICED})`,
};

const column = (name: keyof typeof CALL_COLUMNS): string => {
  const before = BILLED_BEFORE[name];
  return before === undefined ? `"${name}"` : `CASE WHEN "is_billed" THEN "${name}" ELSE ${before} END`;
};

/**
 * The statement that inserts rows ($1, a JSON array of CallRows) into the ledger, adds them to its sums and has them sealed, each once: a row
 * that is there already changes nothing. Usage whose key was billed by an earlier row is recorded without tokens and cost, and a
 * batch's result that was billed is not recorded again.
 * The partitions must exist. Sums are locked in one order, so that two servers never wait for each other.
 * @returns RecordedCalls: what was added.
 */
export const INSERT_CALLS = `
  WITH "given" AS (
    SELECT *, row_number() OVER (PARTITION BY "once_key" ORDER BY "at", "id") AS "nth"
      FROM jsonb_to_recordset($1::jsonb) AS "row"(
        ${NAMES.map((name) => `"${name}" ${CALL_COLUMNS[name]}`).join(', ')}, "once_key" text)
  ), "first" AS (
    INSERT INTO "billed_once" ("key", "at")
    SELECT "once_key", "at" FROM "given" WHERE "once_key" IS NOT NULL AND "nth" = 1 ORDER BY "once_key"
    ON CONFLICT DO NOTHING RETURNING "key"
  ), "judged" AS (
    SELECT *, "once_key" IS NULL OR ("nth" = 1 AND "once_key" IN (SELECT "key" FROM "first")) AS "is_billed" FROM "given"
  ), "added" AS (
    INSERT INTO "calls" (${NAMES.map((name) => `"${name}"`).join(', ')})
    SELECT ${NAMES.map(column).join(', ')} FROM "judged" WHERE "is_billed" OR "endpoint" <> 'batches.result'
    ON CONFLICT DO NOTHING RETURNING *
  ), "summed" AS (
    ${addToHours('usage_hourly', '"added"', ADDED)}
  ), "summed_for_orgs" AS (
    ${addToHours('org_usage_hourly', '"added"', ADDED)}
  ), "in_sessions" AS (
    ${addToSessions('"added"', ADDED)}
  ), "spent" AS (
    ${addToSpend('"added"', '"cost_nano_usd"')}
  ), "queued" AS (
    ${queueForSeal('"added"')}
  )
  SELECT "provider", ${MODEL} AS "model", "usage_state",
         ${HAS_USAGE} AND bool_or("model" IS NOT NULL) AS "has_answered", count(*)::integer AS "calls",
         ${TOKEN_COLUMNS.map((name) => `sum("${name}")::float8 AS "${name}"`).join(', ')},
         coalesce(sum("cost_nano_usd"), 0)::float8 / 1e9 AS "cost_usd",
         (count(*) FILTER (WHERE ${IS_UNPRICED}))::integer AS "unpriced_calls"
    FROM "added" GROUP BY 1, 2, 3`;
