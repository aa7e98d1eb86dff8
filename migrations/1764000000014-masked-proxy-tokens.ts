import { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the masked form of proxy tokens. Existing tokens get it with their next use, when the server sees them in plaintext. */
export class MaskedProxyTokens1764000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "proxy_tokens" ADD COLUMN "masked_token" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "proxy_tokens" DROP COLUMN "masked_token"`);
  }
}
