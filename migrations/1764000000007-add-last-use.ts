import { MigrationInterface, QueryRunner } from 'typeorm';

export class AddLastUse1764000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "user_anthropic_keys" ADD COLUMN "last_use" jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "user_anthropic_keys" DROP COLUMN "last_use"`);
  }
}
