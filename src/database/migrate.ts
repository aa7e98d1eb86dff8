import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, MigrationExecutor, QueryRunner } from 'typeorm';
import { PostgresClient } from './postgres-client';
import { rollBack } from './roll-back';
import { sqlStateOf } from './sql-state';

/** The key of the advisory lock. The number is arbitrary but the same in every version: "tracevlt" in ASCII, as an int64. */
const ADVISORY_LOCK = '8390876135276571764';
const POLL_MS = 200;

/** The SQLSTATEs with which a migration fails when it conflicts with writes of a running replica of an earlier version. */
const CROSSED = ['23505' /* unique_violation */, '40P01' /* deadlock_detected */];
const ATTEMPTS = 3;

/**
 * Applies all pending migrations in one transaction. Replicas that start at the same time take turns: the advisory lock lasts
 * as long as the transaction, so that a replica that dies halfway leaves neither a lock nor half a schema. A transaction that
 * conflicts with a running replica is retried, three attempts in all.
 * @returns the names of the migrations that this call applied.
 * @throws the database's error when a migration fails.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyPending(dataSource);
    } catch (error) {
      if (attempt === ATTEMPTS || !wasCrossed(error)) throw error;
    }
  }
}

function wasCrossed(error: unknown): boolean {
  return CROSSED.includes(sqlStateOf(error));
}

async function applyPending(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    while (!(await tryLock(runner))) await sleep(POLL_MS);
    const applied = await applyRest(dataSource, runner);
    await runner.commitTransaction();
    return applied;
  } catch (error) {
    await rollBack(runner);
    throw error;
  } finally {
    await runner.release();
  }
}

/**
 * Reverts the newest migrations of an empty database until only the first `count` are applied. Runs in the runner's
 * transaction, in which `applyRest` must follow.
 */
export async function revertTo(count: number, dataSource: DataSource, runner: QueryRunner): Promise<void> {
  for (let step = dataSource.migrations.length; step > count; step--)
    await executorOn(dataSource, runner).undoLastMigration();
}

/**
 * Applies the pending migrations, in the runner's transaction. Each may take as long as the rows need.
 * @returns the names of the migrations that were applied.
 */
export async function applyRest(dataSource: DataSource, runner: QueryRunner): Promise<string[]> {
  const applied = await PostgresClient.withoutTimeLimit(runner, () =>
    executorOn(dataSource, runner).executePendingMigrations(),
  );
  return applied.map(({ name }) => name);
}

function executorOn(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'none'; // the caller has opened one
  return executor;
}

async function tryLock(runner: QueryRunner): Promise<boolean> {
  const rows = (await runner.query('SELECT pg_try_advisory_xact_lock($1::bigint) AS locked', [
    ADVISORY_LOCK,
  ])) as [{ locked: boolean }];
  return rows[0].locked;
}
