import { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = [
  ['proxy_tokens', 'ended_at', 'revoked_at'],
  ['user_anthropic_keys', 'key_id', 'master_key_id'],
] as const;

const INDEX = ['user_anthropic_keys_key_id_idx', 'user_anthropic_keys_master_key_id_idx'] as const;

const FUNCTION = ['tell_of_access_change', 'notify_access_change'] as const;

/** The tables whose triggers call the renamed function. */
const WATCHED = ['auth_sessions', 'user_anthropic_keys', 'users', 'proxy_tokens'];

const TRIGGERS = [
  ['tell_of_change', 'notify_change'],
  ['tell_of_truncation', 'notify_truncation'],
] as const;

const ACTIONS = [
  ['session_ended', 'session_revoked'],
  ['proxy_token_made', 'proxy_token_created'],
  ['proxy_token_ended', 'proxy_token_revoked'],
  ['org_api_key_made', 'org_api_key_created'],
  ['org_api_key_removed', 'org_api_key_revoked'],
  ['invite_made', 'invite_created'],
  ['role_given', 'role_granted'],
] as const;

type Names = readonly [old: string, standard: string];

/** Renames columns, triggers and audit actions to standard terms. Only names change; no row is lost. */
export class StandardNames1764000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await rename(runner, ([old, standard]) => [old, standard]);
    await renameInAuditTrail(runner, ([old, standard]) => [old, standard]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await rename(runner, ([old, standard]) => [standard, old]);
    await renameInAuditTrail(runner, ([old, standard]) => [standard, old]);
  }
}

async function rename(runner: QueryRunner, ordered: (names: Names) => Names): Promise<void> {
  for (const [table, old, standard] of COLUMNS) {
    const [from, to] = ordered([old, standard]);
    await runner.query(`ALTER TABLE "${table}" RENAME COLUMN "${from}" TO "${to}"`);
  }
  const [fromIndex, toIndex] = ordered(INDEX);
  await runner.query(`ALTER INDEX "${fromIndex}" RENAME TO "${toIndex}"`);
  const [fromFunction, toFunction] = ordered(FUNCTION);
  await runner.query(`ALTER FUNCTION "${fromFunction}" RENAME TO "${toFunction}"`);
  for (const table of WATCHED)
    for (const trigger of TRIGGERS) {
      const [from, to] = ordered(trigger);
      await runner.query(`ALTER TRIGGER "${table}_${from}" ON "${table}" RENAME TO "${table}_${to}"`);
    }
}

/** Renames audit actions. The trail is append-only, so its trigger is disabled for these statements, within the transaction. */
async function renameInAuditTrail(runner: QueryRunner, ordered: (names: Names) => Names): Promise<void> {
  await runner.query(`ALTER TABLE "audit_events" DISABLE TRIGGER "audit_events_rows"`);
  const renamed = ACTIONS.map(ordered);
  await runner.query(
    `UPDATE "audit_events" SET "action" = new_names.name
     FROM unnest($1::text[], $2::text[]) AS new_names(old_name, name) WHERE "action" = new_names.old_name`,
    [renamed.map(([from]) => from), renamed.map(([, to]) => to)],
  );
  const [from, to] = ordered(['ended', 'revoked']);
  await runner.query(
    `UPDATE "audit_events" SET "details" = jsonb_set("details", '{proxy_tokens}', to_jsonb($1::text))
     WHERE "action" = 'password_changed' AND "details"->>'proxy_tokens' = $2`,
    [to, from],
  );
  await runner.query(`ALTER TABLE "audit_events" ENABLE TRIGGER "audit_events_rows"`);
}
