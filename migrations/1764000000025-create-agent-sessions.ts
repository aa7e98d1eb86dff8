import { MigrationInterface, QueryRunner } from 'typeorm';

const SUMS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'cost_nano_usd',
];

/** Creates the sums of each agent's session, and fills them from the calls that are there. */
export class CreateAgentSessions1764000000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "agent_sessions" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "user_id" uuid NOT NULL,
        "org_id" uuid,
        "client_kind" text NOT NULL,
        "session_id" text NOT NULL,
        "begun_at" timestamptz NOT NULL,
        "last_at" timestamptz NOT NULL,
        "client" text,
        "models" text[] NOT NULL,
        "failed_calls" integer NOT NULL,
        "calls" integer NOT NULL,
        ${SUMS.map((name) => `"${name}" bigint NOT NULL,`).join('\n        ')}
        "estimated_calls" integer NOT NULL,
        "unreadable_calls" integer NOT NULL,
        "unpriced_calls" integer NOT NULL,
        CONSTRAINT "agent_sessions_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "agent_sessions_key" UNIQUE NULLS NOT DISTINCT ("user_id", "org_id", "client_kind", "session_id")
      )`);
    await runner.query(
      `CREATE INDEX "agent_sessions_user_id_last_at_idx" ON "agent_sessions" ("user_id", "last_at")`,
    );
    await runner.query(
      `CREATE INDEX "agent_sessions_org_id_last_at_idx" ON "agent_sessions" ("org_id", "last_at")`,
    );
    await runner.query(`
      INSERT INTO "agent_sessions" ("user_id", "org_id", "client_kind", "session_id", "begun_at", "last_at", "client", "models",
        "failed_calls", "calls", ${SUMS.map((name) => `"${name}"`).join(', ')}, "estimated_calls", "unreadable_calls", "unpriced_calls")
      SELECT "user_id", "org_id", lower(split_part(coalesce("client", ''), '/', 1)), "agent_session_id", min("at"), max("at"),
             (array_agg("client" ORDER BY "at" DESC))[1],
             coalesce((array_agg(DISTINCT coalesce("model", "requested_model"))
               FILTER (WHERE coalesce("model", "requested_model") IS NOT NULL))[1:50], '{}'),
             count(*) FILTER (WHERE "status" >= 400 OR "outcome" <> 'completed'), count(*),
             ${SUMS.map((name) => `coalesce(sum("${name}"), 0)`).join(', ')},
             count(*) FILTER (WHERE "usage_state" = 'estimated'), count(*) FILTER (WHERE "usage_state" = 'unreadable'),
             count(*) FILTER (WHERE "usage_state" IN ('measured', 'estimated') AND "cost_nano_usd" IS NULL)
        FROM "calls" WHERE "agent_session_id" IS NOT NULL GROUP BY 1, 2, 3, 4`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "agent_sessions"`);
  }
}
