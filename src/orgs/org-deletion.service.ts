import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, In } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { AccessChanges } from '../auth/access-changes';
import { KeyedMutex } from '../auth/keyed-mutex';
import { ProxyTokensService } from '../auth/proxy-tokens.service';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { lockOrgs } from './last-owner';
import { MembershipEntity } from './membership.entity';
import { OrgEntity } from './org.entity';

/** Somebody has joined while the members were being locked: the deletion begins again. */
class MembersChangedError extends Error {
  override readonly name = 'MembersChangedError';
}

/**
 * Deletes an organization with everything that belongs to it alone: memberships, invites, API keys, shared keys and limits. Its
 * members keep their accounts, and what they did stays theirs in the ledger.
 */
@Injectable()
export class OrgDeletionService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly proxyTokens: ProxyTokensService,
    private readonly changes: AccessChanges,
    private readonly mutex: KeyedMutex,
  ) {}

  /**
   * Deletes an organization at the request of one of its owners. Every proxy token for it is revoked, from the next request on, and on another
   * replica within a second.
   * @returns the ids of those who were members.
   * @throws ApiException (org_not_found) when it was deleted meanwhile.
   * @throws ApiException (insufficient_role) when the actor is no longer an owner.
   */
  async delete(actorId: string, orgId: string): Promise<string[]> {
    const attempt = () => this.dataSource.transaction((transaction) => this.run(transaction, actorId, orgId));
    return this.mutex.run(actorId, async () => {
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof MembersChangedError)) throw error;
        }
      }
    });
  }

  /**
   * Locks the members' rows and then the organization's, as everything does that needs both. The members decide at that time: nobody joins
   * behind the last lock, and none of those who are locked creates a token meanwhile.
   */
  private async run(transaction: EntityManager, actorId: string, orgId: string): Promise<string[]> {
    const locked = await this.membersOf(transaction, orgId);
    await transaction.find(UserEntity, {
      select: { id: true },
      where: { id: In([...locked.keys()]) },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
    await lockOrgs(transaction, [orgId]); // no invite is created from here on
    await transaction.delete(InviteEntity, { orgId }); // waits for who is just accepting one
    const lock = { mode: 'pessimistic_write' } as const; // waits for whatever refers to it, and lets nothing new do so
    const org = await transaction.findOne(OrgEntity, { where: { id: orgId }, lock });
    if (org === null) throw new ApiException('org_not_found', 'This organization was deleted.');
    const members = await this.membersOf(transaction, orgId);
    if (members.get(actorId) !== 'owner')
      throw new ApiException('insufficient_role', 'Only an owner of the organization can delete it.');
    const ids = [...members.keys()];
    if (ids.some((id) => !locked.has(id))) throw new MembersChangedError();
    await this.proxyTokens.revokeOfOrg(transaction, orgId);
    await transaction.delete(OrgEntity, { id: orgId });
    for (const owner of [orgId, ...ids]) this.changes.announceOnCommit(transaction, owner);
    return ids;
  }

  private async membersOf(transaction: EntityManager, orgId: string): Promise<Map<string, string>> {
    const found = await transaction.findBy(MembershipEntity, { orgId });
    return new Map(found.map(({ userId, role }) => [userId, role]));
  }
}
