import { MigrationInterface, QueryRunner } from 'typeorm';

/** The changes that affect access, per table, with the column of the user's id. Updates of the last use are not among them. */
const CHANGES = [
  ['auth_sessions', 'user_id', 'UPDATE OF "user_id", "token_hash", "expires_at" OR DELETE'],
  [
    'user_anthropic_keys',
    'user_id',
    'INSERT OR UPDATE OF "user_id", "key_encrypted", "key_nonce", "key_id" OR DELETE',
  ],
  ['users', 'id', 'UPDATE OF "deactivated_at" OR DELETE'],
];

/**
 * Creates triggers that notify every process which caches such rows, when a change is committed, whatever its source: the
 * server, the operator's commands, or a manual statement.
 */
export class TellOfAccessChanges1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION "tell_of_access_change"() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'TRUNCATE' THEN
          PERFORM pg_notify('tracevault_access', '*');
          RETURN NULL;
        END IF;
        IF TG_OP <> 'INSERT' THEN
          PERFORM pg_notify('tracevault_access', to_jsonb(OLD)->>TG_ARGV[0]);
        END IF;
        IF TG_OP <> 'DELETE' THEN
          PERFORM pg_notify('tracevault_access', to_jsonb(NEW)->>TG_ARGV[0]);
        END IF;
        RETURN NULL;
      END
      $$`);
    for (const [table, userId, changes] of CHANGES) {
      await runner.query(`
        CREATE TRIGGER "${table}_tell_of_change" AFTER ${changes} ON "${table}"
        FOR EACH ROW EXECUTE FUNCTION "tell_of_access_change"('${userId}')`);
      await runner.query(`
        CREATE TRIGGER "${table}_tell_of_truncation" AFTER TRUNCATE ON "${table}"
        FOR EACH STATEMENT EXECUTE FUNCTION "tell_of_access_change"()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table] of CHANGES) {
      await runner.query(`DROP TRIGGER "${table}_tell_of_change" ON "${table}"`);
      await runner.query(`DROP TRIGGER "${table}_tell_of_truncation" ON "${table}"`);
    }
    await runner.query(`DROP FUNCTION "tell_of_access_change"`);
  }
}
