import { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the fingerprint of stored keys. It is null for existing keys: only the server that stores a key sees it in plaintext. */
export class AddKeyFingerprint1764000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "user_anthropic_keys" ADD COLUMN "fingerprint" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "user_anthropic_keys" DROP COLUMN "fingerprint"`);
  }
}
