import { MigrationInterface, QueryRunner } from 'typeorm';

/** Creates the audit trail. It has no foreign keys to users: events are kept when an account is deleted. */
export class CreateAuditEvents1764000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "audit_events" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "at" timestamptz NOT NULL DEFAULT now(),
        "action" text NOT NULL,
        "actor_kind" text NOT NULL,
        "actor_id" uuid,
        "subject_id" uuid,
        "org_id" uuid,
        "address" text,
        "client" text,
        "details" jsonb NOT NULL DEFAULT '{}',
        CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "audit_events_actor_check" CHECK (("actor_kind" = 'person') = ("actor_id" IS NOT NULL))
      )`);
    await runner.query(`CREATE INDEX "audit_events_at_idx" ON "audit_events" ("at")`);
    await runner.query(`CREATE INDEX "audit_events_actor_id_at_idx" ON "audit_events" ("actor_id", "at")`);
    await runner.query(
      `CREATE INDEX "audit_events_subject_id_at_idx" ON "audit_events" ("subject_id", "at")`,
    );
    // The table is append-only, so that neither a bug nor a hasty manual statement changes the trail. Only the retention sweep
    // deletes events, and even that none that are younger than the shortest retention.
    await runner.query(`
      CREATE FUNCTION "audit_events_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' AND current_setting('tracevault.audit_sweep', true) = 'on'
          AND OLD."at" < now() - interval '1 day' THEN
          RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit_events is append-only';
      END
      $$`);
    await runner.query(`
      CREATE TRIGGER "audit_events_rows" BEFORE UPDATE OR DELETE ON "audit_events"
      FOR EACH ROW EXECUTE FUNCTION "audit_events_append_only"()`);
    await runner.query(`
      CREATE TRIGGER "audit_events_table" BEFORE TRUNCATE ON "audit_events"
      FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_append_only"()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "audit_events"`);
    await runner.query(`DROP FUNCTION "audit_events_append_only"`);
  }
}
