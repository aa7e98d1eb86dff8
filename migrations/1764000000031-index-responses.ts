import { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the call that was answered with a response which another call follows (`previous_response_id`). */
export class IndexResponses1764000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX "calls_user_id_message_id_idx" ON "calls" ("user_id", "message_id") WHERE "endpoint" = 'responses'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "calls_user_id_message_id_idx"`);
  }
}
