import { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrgs1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "orgs" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "name" text NOT NULL,
        "display_name" text,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT "orgs_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "orgs_name_key" UNIQUE ("name")
      )`);
    await runner.query(`
      CREATE TABLE "user_org_memberships" (
        "user_id" uuid NOT NULL,
        "org_id" uuid NOT NULL,
        "role" text NOT NULL,
        CONSTRAINT "user_org_memberships_pkey" PRIMARY KEY ("user_id", "org_id"),
        CONSTRAINT "user_org_memberships_role_check" CHECK ("role" IN ('owner', 'admin', 'developer')),
        CONSTRAINT "user_org_memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
        CONSTRAINT "user_org_memberships_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "orgs" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "user_org_memberships_org_id_idx" ON "user_org_memberships" ("org_id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "user_org_memberships"`);
    await runner.query(`DROP TABLE "orgs"`);
  }
}
