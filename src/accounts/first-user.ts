import { EntityManager } from 'typeorm';

/** Any number will do as long as every TraceVault uses the same: "tv-first" in ASCII, as a signed 64-bit number. */
const FIRST_USER_LOCK = '8391161966989505396';

/**
 * Makes who asks whether there is any account at all, and acts on the answer, take turns until the caller's transaction ends:
 * of many who are the first at one moment one is, and of the last two who go at one moment one stays.
 */
export async function lockFirstUser(transaction: EntityManager): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock($1::bigint)', [FIRST_USER_LOCK]);
}
