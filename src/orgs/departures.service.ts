import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, Not } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { KeyedMutex } from '../auth/keyed-mutex';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { hasOtherOwner, lockOrgs } from './last-owner';
import { MembershipEntity, Role } from './membership.entity';
import { shownName } from './org-name';
import { OrgEntity } from './org.entity';
import { Membership } from './orgs.service';

/**
 * How people go of their own will out of an org, or out of all of them. An org that others are in keeps an owner who can sign
 * in; one that nobody else is in goes with them, with its API keys and invites.
 */
@Injectable()
export class DeparturesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly semaphore: KeyedMutex,
  ) {}

  /**
   * @returns what they were, and whether the org went with them.
   * @throws ApiException (org_not_found) when they are not in it any more.
   * @throws ApiException (last_owner) for the last owner of an org that others are in.
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
   * Out of every org that they are in. Within the caller's transaction, which holds the person's row.
   * @param more what the refusal says at its end.
   * @returns the orgs that went with them.
   * @throws ApiException (last_owner) for the last owner of an org that others are in.
   */
  async leaveAll(transaction: EntityManager, userId: string, more: string): Promise<OrgEntity[]> {
    return this.depart(transaction, userId, await transaction.findBy(MembershipEntity, { userId }), more);
  }

  private async serialized<T>(userId: string, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.semaphore.take(userId, () => this.dataSource.transaction(work));
  }

  /** @returns the orgs that went with them. */
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
      await transaction.delete(InviteEntity, { orgId: org.id, createdBy: userId });
      await transaction.delete(MembershipEntity, { orgId: org.id, userId });
    }
    if (withoutOwner.length > 0) throw new ApiException('last_owner', lastOwnerOf(withoutOwner) + more);
    for (const { id } of emptied) await transaction.delete(OrgEntity, { id });
    return emptied;
  }

  /** With the open invites gone first: whoever is joining by one at this moment is in before others are counted. */
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
