import { MigrationInterface, QueryRunner } from 'typeorm';

interface Row {
  readonly id: string;
  readonly email: string;
}

/** Matches invisible and blank characters. Emails with any of them are not changed, so that their owners can still sign in. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

function canonical(email: string): string {
  return email.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/**
 * Converts emails of accounts and open invites to Unicode's compatibility form (NFKC) in lower case, in which they are compared
 * from now on. An email that would become equal to another account's is not changed, nor is one with hidden characters; both are
 * still found by what their owners type. The conversion is done here because PostgreSQL's lower() depends on the database's
 * locale.
 */
export class CanonicalEmails1764000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const users = await changing(runner, 'users');
    const wanted = new Map<string, number>();
    for (const { email } of users) wanted.set(email, (wanted.get(email) ?? 0) + 1);
    for (const { id, email } of users.filter((user) => wanted.get(user.email) === 1))
      await runner.query(
        `UPDATE "users" SET "email" = $1
         WHERE "id" = $2 AND $1 = lower($1) AND NOT EXISTS (SELECT FROM "users" WHERE "email" = $1)`,
        [email, id],
      );
    for (const { id, email } of await changing(runner, 'invites'))
      await runner.query(`UPDATE "invites" SET "email" = $1 WHERE "id" = $2`, [email, id]);
  }

  /** Reverts nothing: converted emails are valid under the old rules as well. */
  async down(): Promise<void> {
    // The original spelling is not stored.
  }
}

/** Returns the rows whose email changes, with the new email. Only emails with non-ASCII characters can change. */
async function changing(runner: QueryRunner, table: 'users' | 'invites'): Promise<Row[]> {
  const rows = (await runner.query(
    `SELECT "id", "email" FROM "${table}" WHERE octet_length("email") <> char_length("email")`,
  )) as Row[];
  return rows
    .map(({ id, email }) => ({ id, email: canonical(email), before: email }))
    .filter(({ email, before }) => email !== before && !HIDDEN.test(before + email));
}
