import { clientKindOf } from './client-kind';
import { Added, MODEL, SUMS } from './hourly-statement';

const KEY = '"user_id", "org_id", "client_kind", "session_id"';
const NAMES = ['begun_at', 'last_at', 'client', 'models', 'failed_calls', ...SUMS]
  .map((name) => `"${name}"`)
  .join(', ');

const CLIENT_KIND = clientKindOf('"client"');

/** The maximum number of models that a session lists: their names come from requests. */
const MAX_MODELS = 50;

/**
 * Returns the statement that adds calls to the sums of their agents' sessions; calls without a session belong to none. The
 * sums are locked in one order, so that two servers never wait for each other.
 * @param calls the relation with the calls.
 */
export function addToSessions(calls: string, added: Added): string {
  return `INSERT INTO "agent_sessions" AS "sum" (${KEY}, ${NAMES})
    SELECT "user_id", "org_id", ${CLIENT_KIND}, "agent_session_id", min("at"), max("at"),
           (array_agg("client" ORDER BY "at" DESC))[1],
           coalesce(array_agg(DISTINCT ${MODEL}) FILTER (WHERE ${MODEL} IS NOT NULL), '{}'),
           count(*) FILTER (WHERE "status" >= 400 OR "outcome" <> 'completed'),
           ${SUMS.map((name) => added[name] ?? '0').join(', ')}
      FROM ${calls} WHERE "agent_session_id" IS NOT NULL
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (${KEY}) DO UPDATE SET
      "begun_at" = least("sum"."begun_at", excluded."begun_at"),
      "last_at" = greatest("sum"."last_at", excluded."last_at"),
      "client" = CASE WHEN excluded."last_at" >= "sum"."last_at" THEN excluded."client" ELSE "sum"."client" END,
      "models" = ARRAY(SELECT DISTINCT unnest("sum"."models" || excluded."models") ORDER BY 1 LIMIT ${MAX_MODELS}),
      ${['failed_calls', ...SUMS].map((name) => `"${name}" = "sum"."${name}" + excluded."${name}"`).join(', ')}`;
}

/**
 * Returns the statement that corrects the sums of sessions when calls have got other costs.
 * @param calls the relation with the calls, which are in these sums already.
 */
export function correctSessions(calls: string, corrected: Added): string {
  const entries = Object.entries(corrected);
  return `UPDATE "agent_sessions" AS "sum" SET ${entries.map(([name]) => `"${name}" = "sum"."${name}" + "more"."${name}"`).join(', ')}
      FROM (SELECT "user_id", "org_id", ${CLIENT_KIND} AS "client_kind", "agent_session_id",
                   ${entries.map(([name, sql]) => `${sql} AS "${name}"`).join(', ')}
              FROM ${calls} WHERE "agent_session_id" IS NOT NULL GROUP BY 1, 2, 3, 4) AS "more"
     WHERE "sum"."user_id" = "more"."user_id" AND "sum"."org_id" IS NOT DISTINCT FROM "more"."org_id"
       AND "sum"."client_kind" = "more"."client_kind" AND "sum"."session_id" = "more"."agent_session_id"`;
}
