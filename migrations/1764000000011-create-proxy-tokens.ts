import { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateProxyTokens1764000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "proxy_tokens" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "user_id" uuid NOT NULL,
        "name" text NOT NULL,
        "token_hash" text NOT NULL,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "expires_at" timestamptz,
        "ended_at" timestamptz,
        "last_used_at" timestamptz,
        "last_client" text,
        CONSTRAINT "proxy_tokens_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "proxy_tokens_token_hash_key" UNIQUE ("token_hash"),
        CONSTRAINT "proxy_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "proxy_tokens_user_id_idx" ON "proxy_tokens" ("user_id")`);
    await runner.query(`
      CREATE TRIGGER "proxy_tokens_tell_of_change"
      AFTER UPDATE OF "user_id", "token_hash", "name", "expires_at", "ended_at" OR DELETE ON "proxy_tokens"
      FOR EACH ROW EXECUTE FUNCTION "tell_of_access_change"('user_id')`);
    await runner.query(`
      CREATE TRIGGER "proxy_tokens_tell_of_truncation" AFTER TRUNCATE ON "proxy_tokens"
      FOR EACH STATEMENT EXECUTE FUNCTION "tell_of_access_change"()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "proxy_tokens"`);
  }
}
