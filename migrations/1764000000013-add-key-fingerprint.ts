import { MigrationInterface, QueryRunner } from 'typeorm';

/** Null of a key that is stored already: only the server that stores one sees it in clear. */
export class AddKeyFingerprint1764000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "user_anthropic_keys" ADD COLUMN "fingerprint" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "user_anthropic_keys" DROP COLUMN "fingerprint"`);
  }
}
