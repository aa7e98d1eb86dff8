import { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the events of one organization without reading those of all others. */
export class IndexAuditEventsByOrg1764000000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX "audit_events_org_id_at_idx" ON "audit_events" ("org_id", "at")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "audit_events_org_id_at_idx"`);
  }
}
