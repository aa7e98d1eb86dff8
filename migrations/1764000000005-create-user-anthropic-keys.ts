import { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUserAnthropicKeys1764000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "user_anthropic_keys" (
        "user_id" uuid NOT NULL,
        "key_encrypted" bytea NOT NULL,
        "key_nonce" bytea NOT NULL,
        "key_id" text NOT NULL,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "updated_at" timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT "user_anthropic_keys_pkey" PRIMARY KEY ("user_id"),
        CONSTRAINT "user_anthropic_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "user_anthropic_keys_key_id_idx" ON "user_anthropic_keys" ("key_id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "user_anthropic_keys"`);
  }
}
