import { Injectable } from '@nestjs/common';
import { EntityManager, In } from 'typeorm';
import { ProxyTokensService } from '../auth/proxy-tokens.service';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { MembershipEntity } from './membership.entity';

/** Removes a user from organizations, with everything that the memberships gave. */
@Injectable()
export class MembershipRemovalService {
  constructor(private readonly proxyTokens: ProxyTokensService) {}

  /**
   * Deletes the memberships and the open invites that the user created, and revokes the user's proxy tokens for these
   * organizations, which takes effect from the next request on, and on another replica within a second. Runs in the caller's
   * transaction, which must have locked the user's row.
   */
  async remove(transaction: EntityManager, userId: string, orgIds: readonly string[]): Promise<void> {
    const orgId = In([...orgIds]);
    await transaction.delete(InviteEntity, { orgId, createdBy: userId });
    await transaction.delete(MembershipEntity, { orgId, userId });
    await transaction.update(UserEntity, { id: userId, currentOrgId: orgId }, { currentOrgId: null });
    await this.proxyTokens.revokeInOrgs(transaction, userId, orgIds);
  }
}
