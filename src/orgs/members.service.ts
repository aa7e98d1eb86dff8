import { ConflictException, ForbiddenException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, In } from 'typeorm';
import { AccountsService } from '../auth/accounts.service';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { MembershipEntity } from './membership.entity';
import { OrgEntity } from './org.entity';
import { Membership } from './orgs.service';

/** The people of an org, and the end of the access of those who leave. */
@Injectable()
export class MembersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: AccountsService,
  ) {}

  /** In the order of their emails, each with their account. */
  async list(orgId: string): Promise<(MembershipEntity & { user: UserEntity })[]> {
    const found = await this.dataSource
      .getRepository(MembershipEntity)
      .find({ where: { orgId }, relations: { user: true }, order: { user: { email: 'ASC' } } });
    return found as (MembershipEntity & { user: UserEntity })[];
  }

  /**
   * Ends the account's use everywhere, for a leaver's agents must stop wherever they call. So whoever decides it has to
   * have a say in each org that the person is in. Their open invites go with it.
   * @returns whether this changed anything.
   * @throws NotFoundException for somebody who is not in the org.
   * @throws ForbiddenException when it is not the actor's to decide.
   */
  async deactivate(actorId: string, { org }: Membership, userId: string): Promise<boolean> {
    return this.dataSource.transaction(async (transaction) => {
      // Locked, so that two owners can't deactivate each other at one moment and leave nobody.
      await transaction.findOne(OrgEntity, { where: { id: org.id }, lock: { mode: 'pessimistic_write' } });
      await this.mustDecide(transaction, actorId, org.id, userId);
      await transaction.delete(InviteEntity, { createdBy: userId });
      return this.accounts.deactivate(userId, transaction);
    });
  }

  /** @throws as deactivate(). */
  async reactivate(actorId: string, { org }: Membership, userId: string): Promise<boolean> {
    await this.mustDecide(this.dataSource.manager, actorId, org.id, userId);
    return this.accounts.reactivate(userId);
  }

  private async mustDecide(
    manager: EntityManager,
    actorId: string,
    orgId: string,
    userId: string,
  ): Promise<void> {
    const theirs = await manager.findBy(MembershipEntity, { userId });
    if (!theirs.some((membership) => membership.orgId === orgId))
      throw new NotFoundException('The organization has no such member.');
    if (userId === actorId)
      throw new ConflictException('You can’t do this to yourself. Another owner or admin can.');
    const own = await manager.find(MembershipEntity, {
      where: { userId: actorId, orgId: In(theirs.map((membership) => membership.orgId)) },
      relations: { user: true },
    });
    for (const { orgId: id, role } of theirs) {
      const mine = own.find((membership) => membership.orgId === id);
      if (mine?.user?.deactivatedAt !== null) {
        throw new ForbiddenException(
          'They are in another organization as well, in which you have no say. Whoever runs this server can do it ' +
            '(tracevault-server deactivate-user).',
        );
      }
      if (mine.role === 'developer' || (role === 'owner' && mine.role !== 'owner')) {
        throw new ForbiddenException(
          role === 'owner'
            ? `Only another owner can do this to an owner; your role is ${mine.role}.`
            : 'Only an owner or admin of each organization that they are in can do this.',
        );
      }
    }
  }
}
