import { QueryRunner } from 'typeorm';

/**
 * Rolls back the runner's transaction, if one is active. It never fails, so that what went wrong before is told: a lost connection
 * has been rolled back by the database.
 */
export async function rollBack(runner: QueryRunner): Promise<void> {
  if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
}
