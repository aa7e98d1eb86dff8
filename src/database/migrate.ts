import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, MigrationExecutor, QueryFailedError, QueryRunner } from 'typeorm';

/** Any number will do as long as every TraceVault uses the same: "tracevlt" in ASCII, as a signed 64-bit number. */
const ADVISORY_LOCK = '8390876135276571764';
const POLL_MS = 200;

/** What a step fails with when a replica of an earlier version, which works on meanwhile, crosses its way. */
const CROSSED = ['23505' /* unique_violation */, '40P01' /* deadlock_detected */];
const ATTEMPTS = 3;

/**
 * Brings the schema up to date, all steps in one transaction. Replicas that start together take turns: the lock lives
 * as long as the transaction, so that a replica that dies in the middle leaves neither a lock nor half a schema. What others have crossed begins again.
 * @returns the names of the steps that were applied here.
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
  if (!(error instanceof QueryFailedError)) return false;
  return CROSSED.includes(String((error.driverError as { code?: unknown }).code));
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
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

/**
 * Takes back the newest steps of an empty database's schema, until the first `count` are left. Within the runner's
 * transaction; to be followed by `applyRest` in the same one.
 */
export async function revertTo(count: number, dataSource: DataSource, runner: QueryRunner): Promise<void> {
  for (let step = dataSource.migrations.length; step > count; step--)
    await executorOn(dataSource, runner).undoLastMigration();
}

/** Applies the steps that are not applied yet. Within the runner's transaction. */
export async function applyRest(dataSource: DataSource, runner: QueryRunner): Promise<string[]> {
  const applied = await executorOn(dataSource, runner).executePendingMigrations();
  return applied.map(({ name }) => name);
}

function executorOn(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'none'; // the caller's is open already
  return executor;
}

async function tryLock(runner: QueryRunner): Promise<boolean> {
  const rows = (await runner.query('SELECT pg_try_advisory_xact_lock($1::bigint) AS locked', [
    ADVISORY_LOCK,
  ])) as [{ locked: boolean }];
  return rows[0].locked;
}
