import { LimitEntity } from './limit.entity';

/** A call, as far as it decides which limits apply to it. */
export interface LimitedCall {
  readonly userId: string;
  readonly proxyTokenId: string | undefined;
  readonly isOnOwnKey: boolean;
  /** The time of the call in milliseconds since 1970. */
  readonly at: number;
}

/** A limit that applies to a call, with the id of what it counts: the organization, the member or the token. */
export interface AppliedLimit {
  readonly limit: LimitEntity;
  readonly subjectId: string;
}

/**
 * Chooses the limits of an organization that apply to a call. A member's own limit replaces the default of everyone that is of
 * the same kind and period; the organization's own and those of tokens apply in addition.
 */
export function applicableLimits(limits: readonly LimitEntity[], call: LimitedCall): AppliedLimit[] {
  const inForce = limits.filter(
    ({ kind, until, countPersonalKeys }) =>
      (until === null || until.getTime() > call.at) &&
      (kind !== 'spend' || countPersonalKeys || !call.isOnOwnKey),
  );
  const hasOwn = ({ kind, period }: LimitEntity): boolean =>
    limits.some(
      (other) =>
        other.scope === 'member' &&
        other.subjectId === call.userId &&
        other.kind === kind &&
        other.period === period &&
        (other.until === null || other.until.getTime() > call.at),
    );
  return inForce.flatMap((limit) => {
    const subjectId = subjectOf(limit, call);
    return subjectId === undefined || (limit.scope === 'everyone' && hasOwn(limit))
      ? []
      : [{ limit, subjectId }];
  });
}

/** Returns the id of what a limit counts when this call is made; undefined if the limit is not for this call. */
function subjectOf({ scope, subjectId, orgId }: LimitEntity, call: LimitedCall): string | undefined {
  switch (scope) {
    case 'organization':
      return orgId;
    case 'everyone':
      return call.userId;
    case 'member':
      return subjectId === call.userId ? call.userId : undefined;
    case 'token':
      return subjectId !== null && subjectId === call.proxyTokenId ? subjectId : undefined;
  }
}
