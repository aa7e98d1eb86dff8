import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, In } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { KeyedMutex } from '../auth/keyed-mutex';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { refuseWithoutOwner } from './last-owner';
import { canGrant, MembershipEntity, Role } from './membership.entity';
import { Membership } from './orgs.service';

/** The people of an org, and who has a say over whom. */
@Injectable()
export class MembersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly semaphore: KeyedMutex,
  ) {}

  /** In the order of their emails, each with their account. */
  async list(orgId: string): Promise<(MembershipEntity & { user: UserEntity })[]> {
    const found = await this.dataSource
      .getRepository(MembershipEntity)
      .find({ where: { orgId }, relations: { user: true }, order: { user: { email: 'ASC' } } });
    return found as (MembershipEntity & { user: UserEntity })[];
  }

  /**
   * Takes them out of this org alone; what they are elsewhere is not touched. Their open invites to it go with it.
   * @throws as assertCanDecide(), but for what they are in other orgs.
   */
  async remove(actorId: string, { org }: Membership, userId: string): Promise<void> {
    refuseOneself(actorId, userId, ' To leave the organization: DELETE its members/me.');
    await this.serialized(actorId, async (transaction) => {
      await this.assertOutranks(transaction, actorId, org.id, userId);
      await transaction.delete(InviteEntity, { orgId: org.id, createdBy: userId });
      await transaction.delete(MembershipEntity, { orgId: org.id, userId });
    });
  }

  /**
   * Also one's own, downwards: an owner steps down while another one stays.
   * @returns the member as they are now, and their role before.
   * @throws as remove(); ApiException (last_owner) when no owner would be left.
   */
  async changeRole(
    actorId: string,
    { org }: Membership,
    userId: string,
    role: Role,
  ): Promise<{ member: MembershipEntity & { user: UserEntity }; from: Role }> {
    return this.serialized(actorId, async (transaction) => {
      const { own, theirs, person } = await this.assertOutranks(transaction, actorId, org.id, userId);
      if (!canGrant(own, role))
        throw new ApiException(
          'insufficient_role',
          `Only an owner can make somebody an owner; your role is ${own}.`,
          { field: 'role' },
        );
      if (userId === actorId && own === 'owner' && role !== 'owner')
        await refuseWithoutOwner(transaction, org, userId, 'Make another member an owner first.');
      await transaction.update(MembershipEntity, { orgId: org.id, userId }, { role });
      return { member: { orgId: org.id, userId, role, user: person }, from: theirs };
    });
  }

  private async serialized<T>(actorId: string, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.semaphore.take(actorId, () => this.dataSource.transaction(work));
  }

  /**
   * Outranks them in this org and has a say in all others that they are in. Within the caller's transaction.
   * @throws ApiException (member_not_found) for somebody who is not in the org.
   * @throws ApiException (own_membership, insufficient_role, member_of_other_org) when it is not the actor's to decide.
   */
  async assertCanDecide(
    transaction: EntityManager,
    actorId: string,
    orgId: string,
    userId: string,
  ): Promise<void> {
    refuseOneself(actorId, userId);
    await this.assertOutranks(transaction, actorId, orgId, userId);
    for (const { orgId: id, role } of await transaction.findBy(MembershipEntity, { userId })) {
      const own = await transaction.findOneBy(MembershipEntity, { userId: actorId, orgId: id });
      if (own === null || !canGrant(own.role, role)) {
        throw new ApiException(
          'member_of_other_org',
          'They are in another organization as well, in which you have no say over them. You can remove them from this ' +
            'one; whoever runs this server can revoke their access (tracevault-server deactivate-user).',
        );
      }
    }
  }

  private async assertOutranks(
    transaction: EntityManager,
    actorId: string,
    orgId: string,
    userId: string,
  ): Promise<{ own: Role; theirs: Role; person: UserEntity }> {
    // Both held, in one order, so that two who do it to each other take turns, and the second finds that they are out.
    const people = await transaction.find(UserEntity, {
      where: { id: In([actorId, userId]) },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
    const [own, theirs] = await Promise.all(
      [actorId, userId].map((id) => transaction.findOneBy(MembershipEntity, { userId: id, orgId })),
    );
    const [actor, person] = [actorId, userId].map((id) => people.find((one) => one.id === id));
    if (!theirs || person === undefined)
      throw new ApiException('member_not_found', 'The organization has no such member.');
    if (!own || own.role === 'developer' || actor?.deactivatedAt !== null)
      throw new ApiException('insufficient_role', 'You are no longer an owner or admin of the organization.');
    if (!canGrant(own.role, theirs.role))
      throw new ApiException(
        'insufficient_role',
        `Only another owner can do this to an owner; your role is ${own.role}.`,
      );
    return { own: own.role, theirs: theirs.role, person };
  }
}

/** @throws ApiException (own_membership) */
function refuseOneself(actorId: string, userId: string, wayOn = ''): void {
  if (userId === actorId)
    throw new ApiException(
      'own_membership',
      `You can’t do this to yourself. Another owner or admin can.${wayOn}`,
    );
}
