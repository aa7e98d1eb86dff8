import { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables whose rows have a role, with the constraint that says which ones there are. */
const CONSTRAINTS = [
  ['user_org_memberships', 'user_org_memberships_role_check'],
  ['invites', 'invites_role_check'],
] as const;

/** Adds the role of those who read what is kept of an organization's calls. */
export class AddAuditors1764000000028 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await setRoles(runner, `'owner', 'admin', 'auditor', 'developer'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table] of CONSTRAINTS)
      await runner.query(`UPDATE "${table}" SET "role" = 'developer' WHERE "role" = 'auditor'`);
    await setRoles(runner, `'owner', 'admin', 'developer'`);
  }
}

async function setRoles(runner: QueryRunner, roles: string): Promise<void> {
  for (const [table, constraint] of CONSTRAINTS) {
    await runner.query(`ALTER TABLE "${table}" DROP CONSTRAINT "${constraint}"`);
    await runner.query(`ALTER TABLE "${table}" ADD CONSTRAINT "${constraint}" CHECK ("role" IN (${roles}))`);
  }
}
