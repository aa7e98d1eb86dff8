import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { KeyedMutex } from '../auth/keyed-mutex';
import { InvitesService } from '../orgs/invites.service';
import { MembersService } from '../orgs/members.service';
import { Membership } from '../orgs/orgs.service';
import { AccountsService } from './accounts.service';

/** Deactivates and reactivates accounts. */
@Injectable()
export class DeactivationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: AccountsService,
    private readonly members: MembersService,
    private readonly invites: InvitesService,
    private readonly mutex: KeyedMutex,
  ) {}

  /**
   * Deactivates a member's account on the whole server, because the agents of a member who leaves must stop in every
   * organization. The actor therefore needs authority over the member in each of the member's organizations.
   * @returns whether the account was active before.
   * @throws ApiException (member_not_found) when the user is not a member of the organization.
   * @throws ApiException (own_membership, insufficient_role, member_of_other_org) when the actor lacks this authority.
   */
  async deactivate(actorId: string, { org }: Membership, userId: string): Promise<boolean> {
    return this.serialized(actorId, async (transaction) => {
      await this.members.assertCanDecide(transaction, actorId, org.id, userId);
      return this.deactivateAccount(transaction, userId);
    });
  }

  /** Deactivates an account for the operator's command, without an authorization check. */
  async deactivateByOperator(userId: string): Promise<boolean> {
    return this.dataSource.transaction((transaction) => this.deactivateAccount(transaction, userId));
  }

  /** Reactivates an account for the operator's command, without an authorization check. */
  async reactivateByOperator(userId: string): Promise<boolean> {
    return this.dataSource.transaction((transaction) => this.accounts.reactivate(userId, transaction));
  }

  /**
   * Reactivates a member's account.
   * @returns whether the account was deactivated before.
   * @throws ApiException as deactivate() does.
   */
  async reactivate(actorId: string, { org }: Membership, userId: string): Promise<boolean> {
    return this.serialized(actorId, async (transaction) => {
      await this.members.assertCanDecide(transaction, actorId, org.id, userId);
      return this.accounts.reactivate(userId, transaction);
    });
  }

  private async serialized<T>(actorId: string, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.mutex.run(actorId, () => this.dataSource.transaction(work));
  }

  private async deactivateAccount(transaction: EntityManager, userId: string): Promise<boolean> {
    const changed = await this.accounts.deactivate(userId, transaction);
    await this.invites.withdrawAllOf(transaction, userId);
    return changed;
  }
}
