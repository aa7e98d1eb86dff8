import { DAY_MS, RetentionRow } from '../retention/retention';

/** The retention of invites: like sessions, they are kept for a day after they have expired. */
export const ORGS_RETENTION: readonly RetentionRow[] = [
  { table: 'invites', column: '"expires_at"', keepMs: DAY_MS },
];
