import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the limits of organizations, what each process may spend of them, and what was spent by the day: the sum that a
 * limit is compared with, which the ledger keeps from now on and which is filled from the calls that are there.
 */
export class CreateLimits1764000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "limits" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "org_id" uuid NOT NULL,
        "kind" text NOT NULL,
        "scope" text NOT NULL,
        "subject_id" uuid,
        "period" text,
        "amount_nano_usd" bigint,
        "requests_per_minute" integer,
        "tokens_per_minute" bigint,
        "allow" jsonb,
        "estimate" text NOT NULL DEFAULT 'strict',
        "count_personal_keys" boolean NOT NULL DEFAULT false,
        "until" timestamptz,
        "note" text,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT "limits_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "limits_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "orgs" ("id") ON DELETE CASCADE,
        CONSTRAINT "limits_kind_check" CHECK ("kind" IN ('spend', 'rate', 'models')),
        CONSTRAINT "limits_scope_check" CHECK ("scope" IN ('organization', 'everyone', 'member', 'token')),
        CONSTRAINT "limits_subject_check" CHECK (("scope" IN ('member', 'token')) = ("subject_id" IS NOT NULL)),
        CONSTRAINT "limits_period_check" CHECK (("kind" = 'spend') = ("period" IS NOT NULL)),
        CONSTRAINT "limits_period_values_check" CHECK ("period" IN ('day', 'week', 'month')),
        CONSTRAINT "limits_estimate_check" CHECK ("estimate" IN ('strict', 'typical'))
      )`);
    await runner.query(`
      ALTER TABLE "limits" ADD CONSTRAINT "limits_key"
      UNIQUE NULLS NOT DISTINCT ("org_id", "kind", "scope", "subject_id", "period")`);
    await runner.query(`
      CREATE TRIGGER "limits_notify_change" AFTER INSERT OR UPDATE OR DELETE ON "limits"
      FOR EACH ROW EXECUTE FUNCTION "notify_access_change"('org_id')`);
    await runner.query(`
      CREATE TRIGGER "limits_notify_truncation" AFTER TRUNCATE ON "limits"
      FOR EACH STATEMENT EXECUTE FUNCTION "notify_access_change"()`);
    await runner.query(`
      CREATE TABLE "limit_grants" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "limit_id" uuid NOT NULL,
        "subject_id" uuid NOT NULL,
        "period_start" timestamptz NOT NULL,
        "measure" text NOT NULL,
        "process_id" uuid NOT NULL,
        "granted" bigint NOT NULL,
        "held" bigint NOT NULL,
        "renewed_at" timestamptz NOT NULL,
        CONSTRAINT "limit_grants_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "limit_grants_key" UNIQUE ("limit_id", "subject_id", "period_start", "measure", "process_id"),
        CONSTRAINT "limit_grants_limit_id_fkey" FOREIGN KEY ("limit_id") REFERENCES "limits" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "limit_grants_renewed_at_idx" ON "limit_grants" ("renewed_at")`);
    await runner.query(`
      CREATE TABLE "spend_daily" (
        "org_id" uuid NOT NULL,
        "subject_id" uuid NOT NULL,
        "day" date NOT NULL,
        "shared_nano_usd" bigint NOT NULL,
        "own_nano_usd" bigint NOT NULL,
        CONSTRAINT "spend_daily_pkey" PRIMARY KEY ("org_id", "subject_id", "day")
      )`);
    await runner.query(`
      INSERT INTO "spend_daily" ("org_id", "subject_id", "day", "shared_nano_usd", "own_nano_usd")
      SELECT "org_id", "subject", ("at" AT TIME ZONE 'UTC')::date,
             coalesce(sum("cost_nano_usd") FILTER (WHERE "key_source" = 'organization'), 0),
             coalesce(sum("cost_nano_usd") FILTER (WHERE "key_source" IS DISTINCT FROM 'organization'), 0)
        FROM "calls" CROSS JOIN LATERAL (VALUES ("org_id"), ("user_id"), ("proxy_token_id")) AS "subjects"("subject")
       WHERE "org_id" IS NOT NULL AND "subject" IS NOT NULL AND "cost_nano_usd" > 0
       GROUP BY 1, 2, 3`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "spend_daily"`);
    await runner.query(`DROP TABLE "limit_grants"`);
    await runner.query(`DROP TABLE "limits"`);
  }
}
