import { Config } from '../config/config';
import { DAY_MS, RetentionRow } from '../retention/retention';

/** Returns how long the audit trail is kept, or no row when it is kept forever. */
export function auditRetention({ auditRetentionDays: days }: Config): RetentionRow[] {
  if (days === undefined) return [];
  const setting = 'tracevault.audit_sweep';
  return [{ table: 'audit_events', column: '"at"', keepMs: days * DAY_MS, setting }];
}
