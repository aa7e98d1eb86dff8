import { AppliedLimit } from './applicable-limits';
import { periodAt } from './period';
import { QuotaKey } from './quota';

/** Returns the key of what a spend limit counts in the period of a time; undefined for a limit of another kind. */
export function spendKeyOf({ limit, subjectId }: AppliedLimit, at: number): QuotaKey | undefined {
  if (limit.kind !== 'spend' || limit.period === null) return undefined;
  return {
    limitId: limit.id,
    orgId: limit.orgId,
    subjectId,
    measure: 'spend',
    period: periodAt(limit.period, at),
    countsOwnKeys: limit.countPersonalKeys,
  };
}
