import { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens that are there already get theirs with their next use: only then the server sees them. */
export class MaskedProxyTokens1764000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "proxy_tokens" ADD COLUMN "masked_token" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "proxy_tokens" DROP COLUMN "masked_token"`);
  }
}
