import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the ledger: a row for each call that reached its upstream, partitioned by month, and its sums by the hour. Its rows
 * have no foreign keys: what was spent stays when a user or an organization goes.
 */
export class CreateCalls1764000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "calls" (
        "id" text NOT NULL,
        "at" timestamptz NOT NULL,
        "user_id" uuid NOT NULL,
        "org_id" uuid,
        "proxy_token_id" uuid,
        "key_source" text,
        "provider" text NOT NULL,
        "endpoint" text NOT NULL,
        "requested_model" text,
        "model" text,
        "status" smallint,
        "outcome" text NOT NULL,
        "usage_state" text NOT NULL,
        "input_tokens" bigint NOT NULL,
        "cache_read_tokens" bigint NOT NULL,
        "cache_write_5m_tokens" bigint NOT NULL,
        "cache_write_1h_tokens" bigint NOT NULL,
        "output_tokens" bigint NOT NULL,
        "thinking_tokens" bigint NOT NULL,
        "web_searches" integer NOT NULL,
        "cost_nano_usd" bigint,
        "cost_lines" jsonb,
        "price_id" text,
        "agent_session_id" text,
        "agent_id" text,
        "parent_agent_id" text,
        "client" text,
        "upstream_request_id" text,
        "message_id" text,
        "stop_reason" text,
        "ms_to_first_byte" integer,
        "ms" integer NOT NULL,
        "request_bytes" bigint NOT NULL,
        "response_bytes" bigint NOT NULL,
        CONSTRAINT "calls_pkey" PRIMARY KEY ("id", "at")
      ) PARTITION BY RANGE ("at")`);
    await runner.query(`CREATE INDEX "calls_user_id_at_idx" ON "calls" ("user_id", "at")`);
    await runner.query(`CREATE INDEX "calls_org_id_at_idx" ON "calls" ("org_id", "at")`);
    // Called before rows are inserted, since a partition can't be created by the statement that needs it.
    await runner.query(`
      CREATE FUNCTION "create_calls_partition"("moment" timestamptz) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        "month" timestamp := date_trunc('month', "moment" AT TIME ZONE 'UTC');
        "name" text := 'calls_' || to_char("month", 'YYYYMM');
      BEGIN
        IF to_regclass(quote_ident("name")) IS NOT NULL THEN RETURN; END IF;
        PERFORM pg_advisory_xact_lock(hashtext('create_calls_partition'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF "calls" FOR VALUES FROM (%L) TO (%L)',
                       "name", "month" AT TIME ZONE 'UTC', ("month" + interval '1 month') AT TIME ZONE 'UTC');
      END $$`);
    await runner.query(`
      CREATE TABLE "usage_hourly" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "hour" timestamptz NOT NULL,
        "user_id" uuid NOT NULL,
        "org_id" uuid,
        "proxy_token_id" uuid,
        "provider" text NOT NULL,
        "model" text,
        "calls" integer NOT NULL,
        "input_tokens" bigint NOT NULL,
        "cache_read_tokens" bigint NOT NULL,
        "cache_write_5m_tokens" bigint NOT NULL,
        "cache_write_1h_tokens" bigint NOT NULL,
        "output_tokens" bigint NOT NULL,
        "cost_nano_usd" bigint NOT NULL,
        "estimated_calls" integer NOT NULL,
        "unreadable_calls" integer NOT NULL,
        "unpriced_calls" integer NOT NULL,
        CONSTRAINT "usage_hourly_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "usage_hourly_key" UNIQUE NULLS NOT DISTINCT
          ("user_id", "hour", "org_id", "proxy_token_id", "provider", "model")
      )`);
    await runner.query(`CREATE INDEX "usage_hourly_org_id_hour_idx" ON "usage_hourly" ("org_id", "hour")`);
    await runner.query(`
      CREATE TABLE "billed_once" (
        "key" text NOT NULL,
        "at" timestamptz NOT NULL,
        CONSTRAINT "billed_once_pkey" PRIMARY KEY ("key")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "billed_once"`);
    await runner.query(`DROP TABLE "usage_hourly"`);
    await runner.query(`DROP TABLE "calls"`);
    await runner.query(`DROP FUNCTION "create_calls_partition"(timestamptz)`);
  }
}
