import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the choice of people to have secrets taken out of what is kept, on for those who come later: what those who are there keep
 * stays byte for byte until they say otherwise. Every process has to hear of a change.
 */
export class AddRedaction1764000000029 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "users" ADD "redacts_content" boolean NOT NULL DEFAULT false`);
    await runner.query(`ALTER TABLE "users" ALTER "redacts_content" SET DEFAULT true`);
    await runner.query(`
      CREATE TRIGGER "users_notify_redaction" AFTER UPDATE OF "redacts_content" ON "users"
      FOR EACH ROW EXECUTE FUNCTION "notify_access_change"('id')`);
    await runner.query(`ALTER TABLE "trace_bodies" ADD "kept_sha256" bytea`);
    await runner.query(`ALTER TABLE "trace_contents" ADD "secrets_sent" text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "trace_contents" DROP COLUMN "secrets_sent"`);
    await runner.query(`ALTER TABLE "trace_bodies" DROP COLUMN "kept_sha256"`);
    await runner.query(`DROP TRIGGER "users_notify_redaction" ON "users"`);
    await runner.query(`ALTER TABLE "users" DROP COLUMN "redacts_content"`);
  }
}
