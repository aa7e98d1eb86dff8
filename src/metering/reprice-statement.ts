import { Added, addToHours } from './hourly-statement';
import { correctSessions } from './session-statement';
import { queueForSeal } from './seal-queue-statement';
import { addToSpend } from './spend-statement';

/** Selects the next calls of a user ($1) in a period ($2, $3) behind one of them ($4, $5); at most $6. */
export const SELECT_CALLS = `
  SELECT "id", "at", "provider", "requested_model" AS "requestedModel", "model", "usage_state" AS "usageState",
         "input_tokens" AS "inputTokens", "cache_read_tokens" AS "cacheReadTokens",
         "cache_write_5m_tokens" AS "cacheWrite5mTokens", "cache_write_1h_tokens" AS "cacheWrite1hTokens",
         "output_tokens" AS "outputTokens", "web_searches" AS "webSearches", "cost_nano_usd" AS "costNanoUsd",
         "cost_lines" AS "costLines", "price_id" AS "priceId", "price_facts" AS "priceFacts"
    FROM "calls"
   WHERE "user_id" = $1 AND "at" >= $2 AND "at" < $3 AND ("at", "id") > ($4, $5)
     AND "usage_state" IN ('measured', 'estimated')
   ORDER BY "at", "id" LIMIT $6`;

/** The users with calls in a period ($1, $2), which is of whole hours. */
export const SELECT_USERS = `
  SELECT DISTINCT "user_id" AS "userId" FROM "usage_hourly" WHERE "hour" >= $1 AND "hour" < $2 ORDER BY 1`;

const CORRECTED: Added = {
  cost_nano_usd: 'sum("cost_nano_usd" - coalesce("before", 0))',
  unpriced_calls: '-count(*) FILTER (WHERE "before" IS NULL)',
};

/**
 * The statement that gives calls of a period ($2, $3) other costs ($1, a JSON array) corrects the sums by the same amounts, and has the calls sealed again. A
 * call whose cost has changed since it was read is left as it is. The sums are locked in the order in which new calls
 * lock them, so that this never waits for a server that waits for this.
 * Returns the ids of the calls that were changed.
 */
export const UPDATE_COSTS = `
  WITH "given" AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS "row"("id" text, "at" timestamptz, "before" bigint,
      "cost_nano_usd" bigint, "cost_lines" jsonb, "price_id" text, "price_facts" jsonb)
  ), "changed" AS (
    UPDATE "calls" AS "call"
       SET "cost_nano_usd" = "given"."cost_nano_usd", "cost_lines" = "given"."cost_lines",
           "price_id" = "given"."price_id", "price_facts" = "given"."price_facts"
      FROM "given"
     WHERE "call"."id" = "given"."id" AND "call"."at" = "given"."at" AND "call"."at" >= $2 AND "call"."at" < $3
       AND "call"."cost_nano_usd" IS NOT DISTINCT FROM "given"."before"
    RETURNING "call".*, "given"."before"
  ), "corrected" AS (
    ${addToHours('usage_hourly', '"changed"', CORRECTED)}
  ), "corrected_for_orgs" AS (
    ${addToHours('org_usage_hourly', '"changed"', CORRECTED)}
  ), "in_sessions" AS (
    ${correctSessions('"changed"', CORRECTED)}
  ), "spent" AS (
    ${addToSpend('"changed"', '("cost_nano_usd" - coalesce("before", 0))')}
  ), "queued" AS (
    ${queueForSeal('"changed"')}
  )
  SELECT "id" FROM "changed"`;
