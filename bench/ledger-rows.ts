import { Client } from 'pg';

/** What the generated ledger is made of. */
export interface Generated {
  readonly orgId: string;
  /** The user with the most calls. */
  readonly userId: string;
  readonly persons: number;
  /** The first days of the months, as `2026-11-01`. */
  readonly months: readonly string[];
  readonly rowsAMonth: number;
}

/**
 * Fills the ledger of an organization with calls as agents make them, a month in one statement: on working days between 8 and 18 h
 * UTC, by persons of whom some call much more than others, each in four hours of a day that are theirs, in three sessions, with
 * one or two tokens, and most calls of a day to one model.
 * Parameters: month, number of rows, number of persons, user, organization.
 */
const CALLS = `
  WITH "days" AS (
    SELECT array_agg("day" ORDER BY "day") AS "all"
      FROM generate_series($1::timestamp, $1::timestamp + interval '1 month' - interval '1 day', '1 day') AS "day"
     WHERE extract(isodow FROM "day") < 6
  ), "drawn" AS (
    SELECT "n", "all", floor(cardinality("all") * ($2::int - "n")::float8 / $2::int)::int AS "day",
           floor(power(random(), 2) * $3::int)::int AS "person", random() AS "second", random() AS "chance", random() AS "other",
           random() AS "size", random() AS "end", (200 * exp(3 * random()))::bigint AS "output"
      FROM generate_series($2::int, 1, -1) AS "n", "days"
  ), "habits" AS (
    SELECT *, abs(hashtext("person" || ' ' || "day")::bigint) AS "habit" FROM "drawn"
  ), "chosen" AS (
    SELECT *, CASE WHEN "chance" < 0.8 THEN ("habit" % 1000) / 1000.0 ELSE "other" END AS "which",
           8 + "habit" % 7 + 4 * "second" AS "hour" FROM "habits"
  ), "placed" AS (
    SELECT *, CASE WHEN "which" < 0.55 THEN 'claude-sonnet-5' WHEN "which" < 0.8 THEN 'claude-opus-5'
                   WHEN "which" < 0.95 THEN 'claude-haiku-4-5' ELSE 'gpt-5' END AS "model",
           CASE "person" WHEN 0 THEN $4::uuid ELSE md5('person ' || "person")::uuid END AS "user_id",
           (12 + 400 * "size")::bigint AS "input", (5000 + 150000 * "size" * "size")::bigint AS "read",
           CASE WHEN "end" < 0.3 THEN (4000 * "size")::bigint ELSE 0 END AS "written"
      FROM "chosen"
  )
  INSERT INTO "calls" (
    "id", "at", "user_id", "org_id", "proxy_token_id", "key_source", "provider", "endpoint", "requested_model", "model", "status", "outcome",
    "usage_state", "input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "thinking_tokens",
    "web_searches", "cost_nano_usd", "cost_lines", "price_id", "agent_session_id", "client", "upstream_request_id", "message_id", "stop_reason",
    "ms_to_first_byte", "ms", "request_bytes", "response_bytes")
  SELECT 'req_tv_' || left(md5($1::text || "n"), 24),
         ("all"[1 + "day"] + "hour" * interval '1 hour') AT TIME ZONE 'UTC',
         "user_id", $5::uuid, md5("user_id"::text || ("end" < 0.5 AND "person" % 2 = 0))::uuid, 'organization',
         CASE "model" WHEN 'gpt-5' THEN 'openai' ELSE 'anthropic' END, CASE "model" WHEN 'gpt-5' THEN 'responses' ELSE 'messages' END,
         "model", "model", 200, CASE WHEN "end" < 0.02 THEN 'client_aborted' ELSE 'completed' END,
         CASE WHEN "end" < 0.02 THEN 'estimated' ELSE 'measured' END, "input", "read", "written", 0, "output", 0, 0,
         "input" * 2000 + "read" * 200 + "written" * 2500 + "output" * 10000,
         jsonb_build_array(
           jsonb_build_array('input', "model", "input", '0.000002', '1', ("input" * 2000)::text),
           jsonb_build_array('cache_read', "model", "read", '0.0000002', '1', ("read" * 200)::text),
           jsonb_build_array('cache_write_5m', "model", "written", '0.0000025', '1', ("written" * 2500)::text),
           jsonb_build_array('output', "model", "output", '0.00001', '1', ("output" * 10000)::text)),
         "model", left(md5("user_id"::text || "day" || floor("other" * 3)), 32), 'claude-cli/2.1.0 (external, cli)',
         'req_' || left(md5("n"::text), 24), 'msg_' || left(md5('m' || "n"), 24), 'end_turn',
         (800 + 2000 * "size")::int, (2000 + "output" * 12)::int, (20000 + 200000 * "size")::bigint, "output" * 130
    FROM "placed"`;

/** Adds the calls of a month up, as the statement that inserts calls does. Parameter: month. */
const SUMS = `
  INSERT INTO "usage_hourly" ("user_id", "hour", "org_id", "proxy_token_id", "provider", "model", "calls", "input_tokens", "cache_read_tokens",
    "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "cost_nano_usd", "estimated_calls", "unreadable_calls", "unpriced_calls")
  SELECT "user_id", date_trunc('hour', "at", 'UTC') AS "hour", "org_id", "proxy_token_id", "provider", "model", count(*), sum("input_tokens"),
         sum("cache_read_tokens"), sum("cache_write_5m_tokens"), sum("cache_write_1h_tokens"), sum("output_tokens"), sum("cost_nano_usd"),
         count(*) FILTER (WHERE "usage_state" = 'estimated'), 0, 0
    FROM "calls" WHERE "at" >= $1::timestamp AT TIME ZONE 'UTC' AND "at" < ($1::timestamp + interval '1 month') AT TIME ZONE 'UTC'
   GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2, 1`;

/** Adds those sums of a month up for the organization. Parameter: month. */
const ORG_SUMS = `
  INSERT INTO "org_usage_hourly" ("org_id", "hour", "provider", "model", "calls", "input_tokens",
    "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "cost_nano_usd", "estimated_calls", "unreadable_calls", "unpriced_calls")
  SELECT "org_id", "hour", "provider", "model", sum("calls"), sum("input_tokens"), sum("cache_read_tokens"), sum("cache_write_5m_tokens"),
         sum("cache_write_1h_tokens"), sum("output_tokens"), sum("cost_nano_usd"), sum("estimated_calls"), 0, 0
    FROM "usage_hourly" WHERE "hour" >= $1::timestamp AT TIME ZONE 'UTC' AND "hour" < ($1::timestamp + interval '1 month') AT TIME ZONE 'UTC'
   GROUP BY 1, 2, 3, 4 ORDER BY 2`;

/** Generates the ledger. */
export async function generate(client: Client, generated: Generated): Promise<void> {
  const { months, rowsAMonth, persons, userId, orgId } = generated;
  for (const month of months) {
    await client.query('SELECT create_calls_partition($1)', [`${month}T00:00:00Z`]);
    await client.query(CALLS, [month, rowsAMonth, persons, userId, orgId]);
    await client.query(SUMS, [month]);
    await client.query(ORG_SUMS, [month]);
  }
  await client.query('VACUUM (ANALYZE) "calls"');
  await client.query('VACUUM (ANALYZE) "usage_hourly", "org_usage_hourly"');
}
