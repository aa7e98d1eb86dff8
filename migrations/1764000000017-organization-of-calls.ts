import { MigrationInterface, QueryRunner } from 'typeorm';

/** The changes that decide which organization a call belongs to and whose key it takes, with the column of the id to notify. */
const WATCHED = [
  ['user_org_memberships', 'change', 'user_id', 'INSERT OR UPDATE OF "user_id", "org_id" OR DELETE'],
  ['users', 'current_org', 'id', 'UPDATE OF "current_org_id"'],
  ['orgs', 'change', 'id', 'UPDATE OF "personal_keys" OR DELETE'],
] as const;

/**
 * Lets an organization decide whether its members use keys of their own, and gives proxy tokens and users the organization
 * that their calls belong to. Existing proxy tokens get the only or first organization of their owner.
 */
export class OrganizationOfCalls1764000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "orgs" ADD COLUMN "personal_keys" text NOT NULL DEFAULT 'allowed',
        ADD CONSTRAINT "orgs_personal_keys_check" CHECK ("personal_keys" IN ('allowed', 'required', 'forbidden'))`);
    await runner.query(`
      ALTER TABLE "users" ADD COLUMN "current_org_id" uuid,
        ADD CONSTRAINT "users_current_org_id_fkey" FOREIGN KEY ("current_org_id") REFERENCES "orgs" ("id") ON DELETE SET NULL`);
    await runner.query(`
      ALTER TABLE "proxy_tokens" ADD COLUMN "org_id" uuid,
        ADD CONSTRAINT "proxy_tokens_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "orgs" ("id") ON DELETE SET NULL`);
    await runner.query(`CREATE INDEX "proxy_tokens_org_id_idx" ON "proxy_tokens" ("org_id")`);
    await runner.query(`
      UPDATE "proxy_tokens" SET "org_id" = (
        SELECT "orgs"."id" FROM "user_org_memberships" JOIN "orgs" ON "orgs"."id" = "org_id"
         WHERE "user_id" = "proxy_tokens"."user_id" ORDER BY "orgs"."name" LIMIT 1)`);
    for (const [table, what, id, changes] of WATCHED)
      await runner.query(`
        CREATE TRIGGER "${table}_notify_${what}" AFTER ${changes} ON "${table}"
        FOR EACH ROW EXECUTE FUNCTION "notify_access_change"('${id}')`);
    await runner.query(`
      CREATE TRIGGER "user_org_memberships_notify_truncation" AFTER TRUNCATE ON "user_org_memberships"
      FOR EACH STATEMENT EXECUTE FUNCTION "notify_access_change"()`);
  }

  /** @throws Error when an organization has a policy, which the earlier version does not know and so would lift; nothing has changed then. */
  async down(runner: QueryRunner): Promise<void> {
    const [{ count }] = (await runner.query(
      `SELECT count(*)::int AS count FROM "orgs" WHERE "personal_keys" <> 'allowed'`,
    )) as [{ count: number }];
    if (count > 0)
      throw new Error(
        `${count} organizations say whose keys their members use (personal_keys), which an earlier version can't hold. Set them to "allowed" first.`,
      );
    await runner.query(`DROP TRIGGER "user_org_memberships_notify_truncation" ON "user_org_memberships"`);
    for (const [table, what] of WATCHED)
      await runner.query(`DROP TRIGGER "${table}_notify_${what}" ON "${table}"`);
    await runner.query(`ALTER TABLE "proxy_tokens" DROP COLUMN "org_id"`);
    await runner.query(`ALTER TABLE "users" DROP COLUMN "current_org_id"`);
    await runner.query(`ALTER TABLE "orgs" DROP COLUMN "personal_keys"`);
  }
}
