import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, Not } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { KeyedMutex } from '../auth/keyed-mutex';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { hasOtherOwner, lockOrgs } from './last-owner';
import { MembershipEntity, Role } from './membership.entity';
import { MembershipRemovalService } from './membership-removal.service';
import { shownName } from './org-name';
import { OrgEntity } from './org.entity';
import { Membership } from './orgs.service';

/**
 * Lets users leave one organization or all of them. An organization with other members always keeps an owner who can sign in;
 * an organization without other members is deleted, with its API keys and invites.
 */
@Injectable()
export class DeparturesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly mutex: KeyedMutex,
    private readonly removal: MembershipRemovalService,
  ) {}

  /**
   * Removes a user from an organization at their own request.
   * @returns the role that the user had, and whether the organization was deleted.
   * @throws ApiException (org_not_found) when the user is no longer a member.
   * @throws ApiException (last_owner) for the last owner of an organization with other members.
   */
  async leave(userId: string, { org }: Membership): Promise<{ role: Role; orgDeleted: boolean }> {
    return this.serialized(userId, async (transaction) => {
      await transaction.findOne(UserEntity, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
      const membership = await transaction.findOneBy(MembershipEntity, { userId, orgId: org.id });
      if (membership === null)
        throw new ApiException('org_not_found', 'You are in no organization of this name.');
      const emptied = await this.depart(transaction, userId, [membership]);
      return { role: membership.role, orgDeleted: emptied.length > 0 };
    });
  }

  /**
   * Removes a user from all organizations. Runs in the caller's transaction, which must have locked the user's row.
   * @param more a text that is appended to the error's message.
   * @returns the organizations that were deleted.
   * @throws ApiException (last_owner) for the last owner of an organization with other members.
   */
  async leaveAll(transaction: EntityManager, userId: string, more: string): Promise<OrgEntity[]> {
    return this.depart(transaction, userId, await transaction.findBy(MembershipEntity, { userId }), more);
  }

  /** Runs work in a transaction; concurrent calls for one user run one after the other. */
  private async serialized<T>(userId: string, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.mutex.run(userId, () => this.dataSource.transaction(work));
  }

  /**
   * Deletes the memberships, the user's open invites, and the organizations that have no other member.
   * @returns the deleted organizations.
   * @throws ApiException (last_owner), after which the caller's transaction must be rolled back.
   */
  private async depart(
    transaction: EntityManager,
    userId: string,
    memberships: readonly MembershipEntity[],
    more = '',
  ): Promise<OrgEntity[]> {
    const emptied: OrgEntity[] = [];
    const withoutOwner: OrgEntity[] = [];
    const roles = new Map(memberships.map(({ orgId, role }) => [orgId, role]));
    for (const org of await lockOrgs(transaction, [...roles.keys()])) {
      if (await this.isEmptyWithout(transaction, org.id, userId)) emptied.push(org);
      else if (roles.get(org.id) === 'owner' && !(await hasOtherOwner(transaction, org.id, userId)))
        withoutOwner.push(org);
    }
    await this.removal.remove(transaction, userId, [...roles.keys()]);
    if (withoutOwner.length > 0) throw new ApiException('last_owner', lastOwnerOf(withoutOwner) + more);
    for (const { id } of emptied) await transaction.delete(OrgEntity, { id });
    return emptied;
  }

  /**
   * Tells whether an organization has no other member. If it has none, its open invites are deleted and it is checked again:
   * the deletion waits for a transaction that is just accepting one, whose member is then counted.
   */
  private async isEmptyWithout(transaction: EntityManager, orgId: string, userId: string): Promise<boolean> {
    const others = { orgId, userId: Not(userId) };
    if (await transaction.existsBy(MembershipEntity, others)) return false;
    await transaction.delete(InviteEntity, { orgId });
    return !(await transaction.existsBy(MembershipEntity, others));
  }
}

function lastOwnerOf(orgs: readonly OrgEntity[]): string {
  const [names, each] = [
    orgs.map((org) => `"${shownName(org)}"`).join(', '),
    orgs.length > 1 ? ' in each' : '',
  ];
  return (
    `You are the last owner of ${names}, and others are in ${orgs.length > 1 ? 'them' : 'it'}. ` +
    `Make another member an owner first${each}, or remove the others.`
  );
}
