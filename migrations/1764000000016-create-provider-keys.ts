import { MigrationInterface, QueryRunner } from 'typeorm';

/** The actions of the audit trail that were about a key of Anthropic's, and are about one of any provider now. */
const ACTIONS = ['stored', 'replaced', 'removed'];

const WATCHED = 'INSERT OR UPDATE OF "user_id", "org_id", "provider", "key_encrypted", "key_nonce" OR DELETE';

/**
 * Moves the stored keys to a table in which a key belongs to a user or an organization, and to a provider. The ciphertexts
 * stay as they are, in format 1, whose additional data names neither; the next write or `rotate-keys` replaces it.
 */
export class CreateProviderKeys1764000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "provider_keys" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "user_id" uuid,
        "org_id" uuid,
        "provider" text NOT NULL,
        "key_encrypted" bytea NOT NULL,
        "key_nonce" bytea NOT NULL,
        "master_key_id" text NOT NULL,
        "format" smallint NOT NULL,
        "fingerprint" text,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "updated_at" timestamptz NOT NULL DEFAULT now(),
        "last_use" jsonb,
        CONSTRAINT "provider_keys_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "provider_keys_user_id_provider_key" UNIQUE ("user_id", "provider"),
        CONSTRAINT "provider_keys_org_id_provider_key" UNIQUE ("org_id", "provider"),
        CONSTRAINT "provider_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
        CONSTRAINT "provider_keys_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "orgs" ("id") ON DELETE CASCADE,
        CONSTRAINT "provider_keys_owner_check" CHECK (("user_id" IS NULL) <> ("org_id" IS NULL)),
        CONSTRAINT "provider_keys_format_check" CHECK (
          "format" = 2 OR ("format" = 1 AND "user_id" IS NOT NULL AND "provider" = 'anthropic'))
      )`);
    await runner.query(`CREATE INDEX "provider_keys_master_key_id_idx" ON "provider_keys" ("master_key_id")`);
    await runner.query(`
      INSERT INTO "provider_keys" ("id", "user_id", "provider", "key_encrypted", "key_nonce", "master_key_id", "format",
                                   "fingerprint", "created_at", "updated_at", "last_use")
      SELECT "user_id", "user_id", 'anthropic', "key_encrypted", "key_nonce", "master_key_id", 1,
             "fingerprint", "created_at", "updated_at", "last_use"
        FROM "user_anthropic_keys" ORDER BY "user_id"`);
    await runner.query(`DROP TABLE "user_anthropic_keys"`);
    for (const owner of ['user', 'org'])
      await runner.query(`
        CREATE TRIGGER "provider_keys_notify_${owner}" AFTER ${WATCHED} ON "provider_keys"
        FOR EACH ROW EXECUTE FUNCTION "notify_access_change"('${owner}_id')`);
    await runner.query(`
      CREATE TRIGGER "provider_keys_notify_truncation" AFTER TRUNCATE ON "provider_keys"
      FOR EACH STATEMENT EXECUTE FUNCTION "notify_access_change"()`);
    for (const action of ACTIONS)
      await inAuditTrail(
        runner,
        `UPDATE "audit_events" SET "action" = 'provider_key_${action}', "details" = "details" || '{"provider": "anthropic"}'
         WHERE "action" = 'anthropic_key_${action}'`,
      );
  }

  /** @throws Error when there are keys that the earlier version can't hold or decrypt; nothing has changed then. */
  async down(runner: QueryRunner): Promise<void> {
    const [{ count }] = (await runner.query(
      `SELECT count(*)::int AS count FROM "provider_keys" WHERE "format" <> 1`,
    )) as [{ count: number }];
    if (count > 0)
      throw new Error(
        `The earlier version can't read ${count} of the stored keys. Go on with this one, or have their owners remove them first.`,
      );
    await runner.query(`
      CREATE TABLE "user_anthropic_keys" (
        "user_id" uuid NOT NULL,
        "key_encrypted" bytea NOT NULL,
        "key_nonce" bytea NOT NULL,
        "master_key_id" text NOT NULL,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "updated_at" timestamptz NOT NULL DEFAULT now(),
        "last_use" jsonb,
        "fingerprint" text,
        CONSTRAINT "user_anthropic_keys_pkey" PRIMARY KEY ("user_id"),
        CONSTRAINT "user_anthropic_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await runner.query(
      `CREATE INDEX "user_anthropic_keys_master_key_id_idx" ON "user_anthropic_keys" ("master_key_id")`,
    );
    await runner.query(`
      INSERT INTO "user_anthropic_keys" ("user_id", "key_encrypted", "key_nonce", "master_key_id", "created_at",
                                         "updated_at", "last_use", "fingerprint")
      SELECT "user_id", "key_encrypted", "key_nonce", "master_key_id", "created_at", "updated_at", "last_use", "fingerprint"
        FROM "provider_keys"`);
    await runner.query(`DROP TABLE "provider_keys"`);
    await runner.query(`
      CREATE TRIGGER "user_anthropic_keys_notify_change"
      AFTER INSERT OR UPDATE OF "user_id", "key_encrypted", "key_nonce", "master_key_id" OR DELETE ON "user_anthropic_keys"
      FOR EACH ROW EXECUTE FUNCTION "notify_access_change"('user_id')`);
    await runner.query(`
      CREATE TRIGGER "user_anthropic_keys_notify_truncation" AFTER TRUNCATE ON "user_anthropic_keys"
      FOR EACH STATEMENT EXECUTE FUNCTION "notify_access_change"()`);
    for (const action of ACTIONS)
      await inAuditTrail(
        runner,
        `UPDATE "audit_events" SET "action" = 'anthropic_key_${action}', "details" = "details" - 'provider'
         WHERE "action" = 'provider_key_${action}' AND "details"->>'provider' = 'anthropic'`,
      );
  }
}

/** Changes rows of the audit trail. It is append-only, so its trigger is disabled meanwhile, within the transaction. */
async function inAuditTrail(runner: QueryRunner, update: string): Promise<void> {
  await runner.query(`ALTER TABLE "audit_events" DISABLE TRIGGER "audit_events_rows"`);
  await runner.query(update);
  await runner.query(`ALTER TABLE "audit_events" ENABLE TRIGGER "audit_events_rows"`);
}
