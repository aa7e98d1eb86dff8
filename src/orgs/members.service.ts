import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, In } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { KeyedMutex } from '../auth/keyed-mutex';
import { UserEntity } from '../auth/user.entity';
import { refuseWithoutOwner } from './last-owner';
import { canGrant, MembershipEntity, Role } from './membership.entity';
import { MembershipRemovalService } from './membership-removal.service';
import { MANAGERS, Membership } from './orgs.service';

/** A member as an organization's owners and admins see them. */
export interface ListedMember extends MembershipEntity {
  readonly user: UserEntity;
  /** Whether they have a key of their own, for any provider. */
  readonly hasKey: boolean;
  /** When a session of theirs, or a proxy token for the organization, was last used. */
  readonly lastActiveAt: Date | null;
}

/** Manages the members of an organization, and decides who may act on whom. */
@Injectable()
export class MembersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly mutex: KeyedMutex,
    private readonly removal: MembershipRemovalService,
  ) {}

  /** Returns the organization's members with their accounts, ordered by email. */
  async list(orgId: string): Promise<ListedMember[]> {
    const [found, uses] = await Promise.all([
      this.dataSource
        .getRepository(MembershipEntity)
        .find({ where: { orgId }, relations: { user: true }, order: { user: { email: 'ASC' } } }),
      this.usesOf(orgId),
    ]);
    return (found as (MembershipEntity & { user: UserEntity })[]).map((member) => {
      const { has_key: hasKey = false, last_active_at: lastActiveAt = null } = uses.get(member.userId) ?? {};
      return { ...member, hasKey, lastActiveAt };
    });
  }

  /** Returns what each member uses, by user id. It queries the keys' table by name, because this room must not depend on theirs. */
  private async usesOf(orgId: string): Promise<Map<string, Use>> {
    const rows = await this.dataSource.query<(Use & { user_id: string })[]>(
      `SELECT member."user_id",
              EXISTS (SELECT FROM "provider_keys" WHERE "user_id" = member."user_id") AS "has_key",
              greatest(
                (SELECT max("last_used_at") FROM "auth_sessions" WHERE "user_id" = member."user_id"),
                (SELECT max("last_used_at") FROM "proxy_tokens"
                  WHERE "user_id" = member."user_id" AND ("org_id" = $1 OR "org_id" IS NULL))
              ) AS "last_active_at"
         FROM "user_org_memberships" member WHERE member."org_id" = $1`,
      [orgId],
    );
    return new Map(rows.map(({ user_id, ...use }) => [user_id, use]));
  }

  /** Returns whether a user is a member of an organization. */
  isMember(orgId: string, userId: string): Promise<boolean> {
    return this.dataSource.getRepository(MembershipEntity).existsBy({ orgId, userId });
  }

  /**
   * Removes a member from this organization, deletes the open invites that they created for it and revokes their proxy tokens
   * for it. Their memberships in other organizations are not changed.
   * @throws ApiException (own_membership, member_not_found, insufficient_role)
   */
  async remove(actorId: string, { org }: Membership, userId: string): Promise<void> {
    refuseOneself(actorId, userId, ' To leave the organization: DELETE its members/me.');
    await this.serialized(actorId, async (transaction) => {
      await this.assertOutranks(transaction, actorId, org.id, userId);
      await this.removal.remove(transaction, userId, [org.id]);
    });
  }

  /**
   * Changes a member's role. Users may lower their own role; an owner may do so as long as there is another owner.
   * @returns the member with the new role, and the previous role.
   * @throws ApiException (member_not_found, insufficient_role)
   * @throws ApiException (last_owner) when no owner would be left.
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
          `Only an owner can make somebody an ${role}; your role is ${own}.`,
          { field: 'role' },
        );
      if (userId === actorId && own === 'owner' && role !== 'owner')
        await refuseWithoutOwner(transaction, org, userId, 'Make another member an owner first.');
      await transaction.update(MembershipEntity, { orgId: org.id, userId }, { role });
      return { member: { orgId: org.id, userId, role, user: person }, from: theirs };
    });
  }

  /** Runs work in a transaction; concurrent calls of one actor run one after the other. */
  private async serialized<T>(actorId: string, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.mutex.run(actorId, () => this.dataSource.transaction(work));
  }

  /**
   * Asserts that the actor may decide about a user's whole account: the actor must outrank the user in this organization and
   * in every other one that the user is a member of. Runs in the caller's transaction.
   * @throws ApiException (member_not_found) when the user is not a member of the organization.
   * @throws ApiException (own_membership, insufficient_role, member_of_other_org) when the actor may not decide.
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

  /**
   * Locks both users' rows and returns their roles and the member's account.
   * @throws ApiException (member_not_found, insufficient_role) unless the actor may act on the member.
   */
  private async assertOutranks(
    transaction: EntityManager,
    actorId: string,
    orgId: string,
    userId: string,
  ): Promise<{ own: Role; theirs: Role; person: UserEntity }> {
    // Both rows are locked in a fixed order: when two members remove each other, the second one sees that it was removed.
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
    if (!own || !MANAGERS.includes(own.role) || actor?.deactivatedAt !== null)
      throw new ApiException('insufficient_role', 'You are no longer an owner or admin of the organization.');
    if (!canGrant(own.role, theirs.role))
      throw new ApiException(
        'insufficient_role',
        `Only ${theirs.role === 'owner' ? 'another' : 'an'} owner can do this to an ${theirs.role}; your role is ${own.role}.`,
      );
    return { own: own.role, theirs: theirs.role, person };
  }
}

interface Use {
  readonly has_key: boolean;
  readonly last_active_at: Date | null;
}

/**
 * Refuses an action of users on their own membership.
 * @param wayOn an alternative that ends the error's message.
 * @throws ApiException (own_membership)
 */
function refuseOneself(actorId: string, userId: string, wayOn = ''): void {
  if (userId === actorId)
    throw new ApiException(
      'own_membership',
      `You can’t do this to yourself. Another owner or admin can.${wayOn}`,
    );
}
