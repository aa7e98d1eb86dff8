import { EntityManager, In, IsNull, Not } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { MembershipEntity } from './membership.entity';
import { shownName } from './org-name';
import { OrgEntity } from './org.entity';

/**
 * Locks the organizations' rows until the caller's transaction ends, in the order of their ids to prevent deadlocks. Every
 * operation that could leave an organization without an owner takes this lock: of two owners who leave concurrently, the second
 * one sees that the first has left. Rows of users are locked before these.
 */
export async function lockOrgs(transaction: EntityManager, ids: readonly string[]): Promise<OrgEntity[]> {
  return transaction.find(OrgEntity, {
    where: { id: In(ids) },
    order: { id: 'ASC' },
    lock: { mode: 'for_no_key_update' },
  });
}

/** Tells whether the organization has another owner, whose account is active. */
export async function hasOtherOwner(
  transaction: EntityManager,
  orgId: string,
  userId: string,
): Promise<boolean> {
  const user = { deactivatedAt: IsNull() };
  return transaction.existsBy(MembershipEntity, { orgId, userId: Not(userId), role: 'owner', user });
}

/**
 * Locks the organization and refuses to continue without another owner in it.
 * @param wayOn a sentence that says what the user has to do first; it ends the error's message.
 * @throws ApiException (last_owner) when the organization has no other owner whose account is active.
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
