import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { KeyedMutex } from '../auth/keyed-mutex';
import { InvitesService } from '../orgs/invites.service';
import { MembersService } from '../orgs/members.service';
import { Membership } from '../orgs/orgs.service';
import { AccountsService } from './accounts.service';

/** The end of the access of those who leave, and the way back. */
@Injectable()
export class DeactivationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: AccountsService,
    private readonly members: MembersService,
    private readonly invites: InvitesService,
    private readonly semaphore: KeyedMutex,
  ) {}

  /**
   * Ends the account's use everywhere, for a leaver's agents must stop wherever they call. So whoever decides it has to
   * have a say in each org that the person is in.
   * @returns whether this changed anything.
   * @throws ApiException (member_not_found) for somebody who is not in the org.
   * @throws ApiException (own_membership, insufficient_role, member_of_other_org) when it is not the actor's to decide.
   */
  async deactivate(actorId: string, { org }: Membership, userId: string): Promise<boolean> {
    return this.serialized(actorId, async (transaction) => {
      await this.members.assertCanDecide(transaction, actorId, org.id, userId);
      return this.deactivateAccount(transaction, userId);
    });
  }

  /** The operator's way: nobody is asked. */
  async deactivateByOperator(userId: string): Promise<boolean> {
    return this.dataSource.transaction((transaction) => this.deactivateAccount(transaction, userId));
  }

  /** The operator's way. */
  async reactivateByOperator(userId: string): Promise<boolean> {
    return this.dataSource.transaction((transaction) => this.accounts.reactivate(userId, transaction));
  }

  /** @throws as deactivate(). */
  async reactivate(actorId: string, { org }: Membership, userId: string): Promise<boolean> {
    return this.serialized(actorId, async (transaction) => {
      await this.members.assertCanDecide(transaction, actorId, org.id, userId);
      return this.accounts.reactivate(userId, transaction);
    });
  }

  private async serialized<T>(actorId: string, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.semaphore.take(actorId, () => this.dataSource.transaction(work));
  }

  private async deactivateAccount(transaction: EntityManager, userId: string): Promise<boolean> {
    const changed = await this.accounts.deactivate(userId, transaction);
    await this.invites.withdrawAllOf(transaction, userId);
    return changed;
  }
}
