import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keeps with each call what its price depends on beside its model and time, so that its cost can be computed again. Calls from
 * before have nothing there.
 */
export class AddPriceFacts1764000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "calls" ADD COLUMN "price_facts" jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "calls" DROP COLUMN "price_facts"`);
  }
}
