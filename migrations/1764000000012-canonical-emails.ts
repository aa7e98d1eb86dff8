import { MigrationInterface, QueryRunner } from 'typeorm';

interface Row {
  readonly id: string;
  readonly email: string;
}

/** Characters that nobody sees, and letters that leave a blank: such an email is left for its owner to be found by. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

function canonical(email: string): string {
  return email.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/**
 * Brings emails of accounts and of open invites to Unicode's compatibility form in small letters, in which they are compared
 * from now on. What would then be another account's email stays as it is, and so does what holds hidden characters; both
 * are still found by what their owners type. It is reckoned here and not by PostgreSQL, whose idea of small letters depends
 * on how a database was made.
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

  /** Nothing to take back: emails in the new form are good ones under the old rules as well. */
  async down(): Promise<void> {
    // Which letters somebody once typed is not kept.
  }
}

/** With the email that each is to have. The form differs only where there is a character beyond ASCII. */
async function changing(runner: QueryRunner, table: 'users' | 'invites'): Promise<Row[]> {
  const rows = (await runner.query(
    `SELECT "id", "email" FROM "${table}" WHERE octet_length("email") <> char_length("email")`,
  )) as Row[];
  return rows
    .map(({ id, email }) => ({ id, email: canonical(email), before: email }))
    .filter(({ email, before }) => email !== before && !HIDDEN.test(before + email));
}
