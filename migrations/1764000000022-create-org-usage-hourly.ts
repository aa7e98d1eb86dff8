import { MigrationInterface, QueryRunner } from 'typeorm';

const SUMS = [
  'calls',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'cost_nano_usd',
  'estimated_calls',
  'unreadable_calls',
  'unpriced_calls',
];

/** Creates the sums of each organization by the hour, provider and model, and fills them from those by user and proxy token. */
export class CreateOrgUsageHourly1764000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "org_usage_hourly" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "hour" timestamptz NOT NULL,
        "org_id" uuid NOT NULL,
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
        CONSTRAINT "org_usage_hourly_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "org_usage_hourly_key" UNIQUE NULLS NOT DISTINCT ("org_id", "hour", "provider", "model")
      )`);
    await runner.query(`
      INSERT INTO "org_usage_hourly" ("org_id", "hour", "provider", "model", ${SUMS.map((name) => `"${name}"`).join(', ')})
      SELECT "org_id", "hour", "provider", "model", ${SUMS.map((name) => `sum("${name}")`).join(', ')}
        FROM "usage_hourly" WHERE "org_id" IS NOT NULL GROUP BY 1, 2, 3, 4`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "org_usage_hourly"`);
  }
}
