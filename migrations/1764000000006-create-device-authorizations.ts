import { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDeviceAuthorizations1764000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "device_authorizations" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "device_code_hash" text NOT NULL,
        "user_code_hash" text NOT NULL,
        "status" text NOT NULL DEFAULT 'pending',
        "user_id" uuid,
        "client_name" text NOT NULL,
        "client_address" text,
        "interval_seconds" integer NOT NULL,
        "last_polled_at" timestamptz,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "expires_at" timestamptz NOT NULL,
        CONSTRAINT "device_authorizations_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "device_authorizations_device_code_hash_key" UNIQUE ("device_code_hash"),
        CONSTRAINT "device_authorizations_user_code_hash_key" UNIQUE ("user_code_hash"),
        CONSTRAINT "device_authorizations_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await runner.query(
      `CREATE INDEX "device_authorizations_expires_at_idx" ON "device_authorizations" ("expires_at")`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "device_authorizations"`);
  }
}
