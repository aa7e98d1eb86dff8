import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child';
import { read, Session, Target } from './targets';

/** What a process does behind its last response is over when it uses less than that part of a core, at the latest after that time. */
const REST = { everyMs: 1_000, maxShare: 0.05, withinMs: 20_000 };
/** How often a server is asked whether its calls are sealed, which it refuses to tell all the time, and for how long at most. */
const SEALED = { everyMs: 5_000, withinMs: 300_000 };

/** Waits until a process has done what it does behind its last response: it belongs to this job's CPU time, and to no delay of the next one. */
export async function untilAtRest(child: Child): Promise<void> {
  const deadline = performance.now() + REST.withinMs;
  let used: number;
  do {
    const before = child.cpuMicroseconds;
    await sleep(REST.everyMs);
    used = child.cpuMicroseconds - before;
  } while (used > REST.maxShare * REST.everyMs * 1000 && performance.now() < deadline);
}

/**
 * Waits until a TraceVault has recorded and sealed the calls of all measures before. Calls are sealed once a minute, all that there are:
 * behind many small messages it would happen during the next measure.
 * @throws Error when it is not done in time.
 */
export async function untilSealed({ name, session, child }: Target): Promise<void> {
  if (session === undefined || child === undefined) return;
  const deadline = performance.now() + SEALED.withinMs;
  await untilAtRest(child);
  while (!(await isSealed(session))) {
    if (performance.now() > deadline) throw new Error(`${name} has not sealed its calls in time`);
    await sleep(SEALED.everyMs);
    await untilAtRest(child);
  }
}

/** Tells whether all calls of the ledger are sealed; so they are for a build from before the ledger or the seals. */
async function isSealed(session: Session): Promise<boolean> {
  const usage = await read<{ total: { calls: number } }>(session, '/api/v1/me/usage');
  const seals = await read<{ entries: number }>(session, `/api/v1/orgs/${session.org}/seals`);
  return usage === undefined || seals === undefined || seals.entries >= usage.total.calls;
}
