import { DAY_MS, RetentionRow } from '../retention/retention';

/** As for sessions: a day more than needed. */
export const ORGS_RETENTION: readonly RetentionRow[] = [
  { table: 'invites', column: '"expires_at"', keepMs: DAY_MS },
];
