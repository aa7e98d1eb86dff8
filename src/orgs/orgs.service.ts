import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { EntityManager, In, IsNull, Repository } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { AccessChanges } from '../auth/access-changes';
import { UserEntity } from '../auth/user.entity';
import { callOrg } from './call-org';
import { MembershipEntity, Role, ROLES } from './membership.entity';
import { parseOrgName } from './org-name';
import { CapturePolicy, OrgEntity, PersonalKeys } from './org.entity';

/** The role that may delete an organization. */
export const OWNERS: readonly Role[] = ['owner'];
/** The roles that may manage an organization's API keys, invites and members. */
export const MANAGERS: readonly Role[] = ['owner', 'admin'];
/** The roles that see who the members are, and what the calls of all of them used and cost. */
export const OVERSEERS: readonly Role[] = [...MANAGERS, 'auditor'];
/** The roles that may read what is kept of the organization's calls, with a reason. */
export const AUDITORS: readonly Role[] = ['auditor'];

/** Joins names, as in "owner, admin or auditor". */
const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

const NOT_A_MEMBER = 'You are in no organization of this name.';

/** A change of an organization; what is undefined stays as it is. */
export interface OrgChange {
  readonly displayName?: string | null | undefined;
  readonly personalKeys?: PersonalKeys | undefined;
  readonly capture?: CapturePolicy | undefined;
}

export interface Membership {
  readonly org: OrgEntity;
  readonly role: Role;
}

@Injectable()
export class OrgsService {
  constructor(
    @InjectRepository(MembershipEntity) private readonly memberships: Repository<MembershipEntity>,
    private readonly changes: AccessChanges,
  ) {}

  /**
   * Creates an organization with its first owner, in the caller's transaction.
   * @throws ApiException (org_name_taken)
   */
  async create(
    transaction: EntityManager,
    ownerId: string,
    name: string,
    displayName: string,
  ): Promise<OrgEntity> {
    const org = transaction.create(OrgEntity, {
      name,
      displayName: displayName === name ? null : displayName,
    });
    const inserted = await transaction
      .createQueryBuilder()
      .insert()
      .into(OrgEntity)
      .values(org)
      .orIgnore()
      .execute();
    if ((inserted.raw as unknown[]).length === 0) {
      throw new ApiException('org_name_taken', `The organization name "${name}" is taken. Choose another.`, {
        field: 'org_name',
      });
    }
    await transaction.insert(MembershipEntity, { userId: ownerId, orgId: org.id, role: 'owner' });
    this.changes.announceOnCommit(transaction, ownerId);
    return org;
  }

  /**
   * Changes an organization; its name in URLs does not change.
   * @param change what to change: `displayName` null shows the name in URLs, and the policies take effect from the members'
   * next calls on.
   * @returns the organization after the change; undefined when it no longer exists.
   */
  async update(
    orgId: string,
    { displayName, personalKeys, capture }: OrgChange,
  ): Promise<OrgEntity | undefined> {
    const orgs = this.memberships.manager.getRepository(OrgEntity);
    const org = await orgs.findOneBy({ id: orgId });
    if (org === null) return undefined;
    if (displayName !== undefined) org.displayName = displayName === org.name ? null : displayName;
    if (personalKeys !== undefined) org.personalKeys = personalKeys;
    if (capture !== undefined) org.capture = capture;
    const { displayName: name } = org;
    await orgs.update(orgId, {
      ...(displayName !== undefined && { displayName: name }),
      personalKeys,
      capture,
    });
    this.changes.announce(orgId);
    return org;
  }

  /** Returns the organization that the calls of a user's sessions belong to; undefined for a user without one. */
  async currentOrg({ id, currentOrgId }: UserEntity): Promise<OrgEntity | undefined> {
    return callOrg(
      (await this.membershipsOf(id)).map(({ org }) => org),
      currentOrgId,
    );
  }

  /**
   * Makes an organization the one that the calls of a user's sessions belong to.
   * @returns false when it was so already.
   * @throws ApiException (org_not_found) when the user is not a member of it.
   */
  async choose(userId: string, name: string): Promise<boolean> {
    const { org } = await this.membershipFor(userId, name, ROLES);
    const { manager } = this.memberships;
    const { affected } = await manager
      .createQueryBuilder()
      .update(UserEntity)
      .set({ currentOrgId: org.id })
      .where(`"id" = :userId AND "current_org_id" IS DISTINCT FROM :orgId`, { userId, orgId: org.id })
      .andWhere(
        `EXISTS (SELECT 1 FROM "user_org_memberships" WHERE "user_id" = :userId AND "org_id" = :orgId)`,
      )
      .execute();
    this.changes.announce(userId);
    return affected === 1;
  }

  /**
   * Returns the id of the organization of a new proxy token: the one with this name, and without a name the one that the
   * calls of the user's sessions belong to. Runs in the caller's transaction, which must have locked the user's row.
   * @returns null when no name is given and the user is in no organization.
   * @throws ApiException (org_not_found) when the user is not a member of the organization with this name.
   */
  async orgForToken(
    transaction: EntityManager,
    userId: string,
    name: string | undefined,
  ): Promise<string | null> {
    const found = await transaction.find(MembershipEntity, {
      where: { userId },
      relations: { org: true },
      order: { org: { name: 'ASC' } },
    });
    const orgs = found.map(({ org }) => org as OrgEntity);
    if (name === undefined) {
      const user = await transaction.findOneByOrFail(UserEntity, { id: userId });
      return callOrg(orgs, user.currentOrgId)?.id ?? null;
    }
    const slug = parseOrgName(name);
    const org = orgs.find((one) => one.name === slug);
    if (org === undefined) throw new ApiException('org_not_found', NOT_A_MEMBER, { field: 'org' });
    return org.id;
  }

  /** Returns all memberships of a user, ordered by the organizations' names. */
  async membershipsOf(userId: string): Promise<Membership[]> {
    const found = await this.memberships.find({
      where: { userId },
      relations: { org: true },
      order: { org: { name: 'ASC' } },
    });
    return found.map(({ org, role }) => ({ org: org as OrgEntity, role }));
  }

  /**
   * Returns how many people may read what is kept of the calls of each of these organizations, by the organizations' ids; one
   * without auditors is left out.
   */
  async countAuditors(orgIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = await this.memberships.findBy({
      orgId: In([...orgIds]),
      role: 'auditor',
      user: { deactivatedAt: IsNull() },
    });
    const counts = new Map<string, number>();
    for (const { orgId } of found) counts.set(orgId, (counts.get(orgId) ?? 0) + 1);
    return counts;
  }

  /**
   * Grants a role in an organization to a user, who need not be a member of it. A higher role is never lowered.
   * @returns the organization and the user's role in it now; undefined when there is no such organization.
   */
  async grantRole(userId: string, name: string, role: Role): Promise<Membership | undefined> {
    const slug = parseOrgName(name);
    const org =
      slug === undefined ? null : await this.memberships.manager.findOneBy(OrgEntity, { name: slug });
    if (org === null) return undefined;
    const own = await this.memberships.findOneBy({ userId, orgId: org.id });
    if (own !== null && ROLES.indexOf(own.role) < ROLES.indexOf(role)) return { org, role: own.role };
    await this.memberships.upsert({ userId, orgId: org.id, role }, ['userId', 'orgId']);
    this.changes.announce(userId);
    return { org, role };
  }

  /**
   * Returns the organization with this name and the user's role in it, if it is one of the given roles.
   * @throws ApiException (org_not_found) for an organization that doesn't exist, and with the same message for one that the user
   * is not a member of, so that non-members can't learn whether it exists.
   * @throws ApiException (insufficient_role) for a member with another role.
   */
  async membershipFor(userId: string, name: string, roles: readonly Role[]): Promise<Membership> {
    const slug = parseOrgName(name);
    const membership =
      slug === undefined
        ? null
        : await this.memberships.findOne({
            where: { userId, org: { name: slug } },
            relations: { org: true },
          });
    if (membership?.org === undefined) throw new ApiException('org_not_found', NOT_A_MEMBER);
    if (!roles.includes(membership.role)) {
      throw new ApiException(
        'insufficient_role',
        `Only an ${EITHER.format(roles)} of the organization can do this; your role is ${membership.role}.`,
      );
    }
    return { org: membership.org, role: membership.role };
  }
}
