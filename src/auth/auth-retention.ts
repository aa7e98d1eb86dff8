import { DAY_MS, RetentionRow } from '../retention/retention';

/** How long what is over stays. A day more than needed for what nobody sees: a clock that is wrong for an hour ends nothing. */
export const AUTH_RETENTION: readonly RetentionRow[] = [
  { table: 'auth_sessions', column: '"expires_at"', keepMs: DAY_MS },
  // As long as it can still say so itself.
  { table: 'proxy_tokens', column: 'LEAST("revoked_at", "expires_at")', keepMs: 90 * DAY_MS },
  // An hour, so that its client hears `expired_token` and not that the code is unknown.
  { table: 'device_authorizations', column: '"expires_at"', keepMs: DAY_MS / 24 },
];
