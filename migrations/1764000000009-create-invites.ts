import { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateInvites1764000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "users" ADD COLUMN "deactivated_at" timestamptz`);
    await runner.query(`
      CREATE TABLE "invites" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "org_id" uuid NOT NULL,
        "role" text NOT NULL,
        "email" text,
        "code_hash" text NOT NULL,
        "created_by" uuid NOT NULL,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "expires_at" timestamptz NOT NULL,
        CONSTRAINT "invites_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "invites_code_hash_key" UNIQUE ("code_hash"),
        CONSTRAINT "invites_role_check" CHECK ("role" IN ('owner', 'admin', 'developer')),
        CONSTRAINT "invites_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "orgs" ("id") ON DELETE CASCADE,
        CONSTRAINT "invites_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "invites_org_id_idx" ON "invites" ("org_id")`);
    await runner.query(`CREATE INDEX "invites_created_by_idx" ON "invites" ("created_by")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "invites"`);
    await runner.query(`ALTER TABLE "users" DROP COLUMN "deactivated_at"`);
  }
}
