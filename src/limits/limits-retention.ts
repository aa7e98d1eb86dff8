import { DAY_MS, RetentionRow } from '../retention/retention';

/** Grants are void, or about a minute that is past, long before. A level is noticed only in its own period. */
export const LIMITS_RETENTION: readonly RetentionRow[] = [
  { table: 'limit_grants', column: '"renewed_at"', keepMs: 3_600_000 },
  { table: 'limit_alerts', column: '"period_end"', keepMs: 7 * DAY_MS },
];
