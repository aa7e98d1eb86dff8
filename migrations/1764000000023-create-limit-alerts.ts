import { MigrationInterface, QueryRunner } from 'typeorm';

/** Creates the levels of spend limits that were reached, each of which is told once. */
export class CreateLimitAlerts1764000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "limit_alerts" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "limit_id" uuid NOT NULL,
        "subject_id" uuid NOT NULL,
        "period_start" timestamptz NOT NULL,
        "period_end" timestamptz NOT NULL,
        "amount_nano_usd" bigint NOT NULL,
        "percent" smallint NOT NULL,
        "spent_nano_usd" bigint NOT NULL,
        "reached_at" timestamptz NOT NULL,
        "attempts" integer NOT NULL DEFAULT 0,
        "next_attempt_at" timestamptz,
        CONSTRAINT "limit_alerts_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "limit_alerts_key" UNIQUE ("limit_id", "subject_id", "period_start", "amount_nano_usd", "percent"),
        CONSTRAINT "limit_alerts_limit_id_fkey" FOREIGN KEY ("limit_id") REFERENCES "limits" ("id") ON DELETE CASCADE
      )`);
    await runner.query(
      `CREATE INDEX "limit_alerts_next_attempt_at_idx" ON "limit_alerts" ("next_attempt_at")`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "limit_alerts"`);
  }
}
