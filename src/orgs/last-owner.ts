import { EntityManager, In, IsNull, Not } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { MembershipEntity } from './membership.entity';
import { shownName } from './org-name';
import { OrgEntity } from './org.entity';

/**
 * Holds the orgs' rows until the caller's transaction ends, in one order. Whoever may leave one without an owner does so:
 * of two owners who go at one moment, the second finds that the first is out. Rows of people are held before these.
 */
export async function lockOrgs(transaction: EntityManager, ids: readonly string[]): Promise<OrgEntity[]> {
  return transaction.find(OrgEntity, {
    where: { id: In(ids) },
    order: { id: 'ASC' },
    lock: { mode: 'for_no_key_update' },
  });
}

/** Whether the org has an owner beside this one who can sign in. */
export async function hasOtherOwner(
  transaction: EntityManager,
  orgId: string,
  userId: string,
): Promise<boolean> {
  const user = { deactivatedAt: IsNull() };
  return transaction.existsBy(MembershipEntity, { orgId, userId: Not(userId), role: 'owner', user });
}

/**
 * @param wayOn what to do first.
 * @throws ApiException (last_owner) when nobody else is an owner of the org.
 */
export async function refuseWithoutOwner(
  transaction: EntityManager,
  org: OrgEntity,
  userId: string,
  wayOn: string,
): Promise<void> {
  await lockOrgs(transaction, [org.id]);
  if (await hasOtherOwner(transaction, org.id, userId)) return;
  throw new ApiException('last_owner', `You are the last owner of "${shownName(org)}". ${wayOn}`);
}
