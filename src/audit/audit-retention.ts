import { Config } from '../config/config';
import { DAY_MS, RetentionRow } from '../retention/retention';

/** As long as the operator wants to keep the trail; no row where that is forever. */
export function auditRetention({ auditRetentionDays: days }: Config): RetentionRow[] {
  if (days === undefined) return [];
  const setting = 'tracevault.audit_sweep';
  return [{ table: 'audit_events', column: '"at"', keepMs: days * DAY_MS, setting }];
}
