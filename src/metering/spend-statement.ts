/**
 * Returns the statement that adds amounts of calls to what was spent by the day: in their organization by all, by their user
 * and through their proxy token. The sums are locked in one order, so that two servers never wait for each other.
 * @param calls the relation with the calls.
 * @param amount the expression for the amount of one, in billionths of a US dollar; null is nothing.
 */
export function addToSpend(calls: string, amount: string): string {
  return `INSERT INTO "spend_daily" AS "spent" ("org_id", "subject_id", "day", "shared_nano_usd", "own_nano_usd")
    SELECT "org_id", "subject", ("at" AT TIME ZONE 'UTC')::date,
           coalesce(sum(${amount}) FILTER (WHERE "key_source" = 'organization'), 0),
           coalesce(sum(${amount}) FILTER (WHERE "key_source" IS DISTINCT FROM 'organization'), 0)
      FROM ${calls} CROSS JOIN LATERAL (VALUES ("org_id"), ("user_id"), ("proxy_token_id")) AS "subjects"("subject")
     WHERE "org_id" IS NOT NULL AND "subject" IS NOT NULL AND ${amount} <> 0
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT ("org_id", "subject_id", "day") DO UPDATE
      SET "shared_nano_usd" = "spent"."shared_nano_usd" + excluded."shared_nano_usd",
          "own_nano_usd" = "spent"."own_nano_usd" + excluded."own_nano_usd"`;
}
