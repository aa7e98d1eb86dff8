import { EntityManager } from 'typeorm';

/** The key of the advisory lock, which every TraceVault has to share: "tv-first" in ASCII, as a signed 64-bit number. */
const FIRST_USER_LOCK = '8391161966989505396';

/**
 * Serializes transactions that check whether any account exists and act on the result, until the caller's transaction
 * ends: of several concurrent first registrations only one succeeds, and of the last two accounts deleted concurrently one
 * stays.
 */
export async function lockFirstUser(transaction: EntityManager): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock($1::bigint)', [FIRST_USER_LOCK]);
}
