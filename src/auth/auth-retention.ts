import { DAY_MS, RetentionRow } from '../retention/retention';

/**
 * How long expired and revoked credentials are kept. Sessions are kept for a day longer than needed, so that a clock that
 * is wrong by an hour deletes no valid one.
 */
export const AUTH_RETENTION: readonly RetentionRow[] = [
  { table: 'auth_sessions', column: '"expires_at"', keepMs: DAY_MS },
  // Kept so that a client that still uses the token is told that it was revoked or has expired.
  { table: 'proxy_tokens', column: 'LEAST("revoked_at", "expires_at")', keepMs: 90 * DAY_MS },
  // Kept for an hour, so that its client gets `expired_token` and not the error for an unknown code.
  { table: 'device_authorizations', column: '"expires_at"', keepMs: DAY_MS / 24 },
];
