import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { EntityManager, Repository } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { MembershipEntity, Role, ROLES } from './membership.entity';
import { parseOrgName } from './org-name';
import { OrgEntity } from './org.entity';

/** The roles that may manage an organization's API keys, invites and members. */
export const MANAGERS: readonly Role[] = ['owner', 'admin'];

export interface Membership {
  readonly org: OrgEntity;
  readonly role: Role;
}

@Injectable()
export class OrgsService {
  constructor(
    @InjectRepository(MembershipEntity) private readonly memberships: Repository<MembershipEntity>,
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
    return org;
  }

  /**
   * Changes an organization's display name; its name in URLs does not change.
   * @param displayName null to show the name in URLs.
   * @returns undefined when the organization no longer exists.
   */
  async rename(orgId: string, displayName: string | null): Promise<OrgEntity | undefined> {
    const orgs = this.memberships.manager.getRepository(OrgEntity);
    const org = await orgs.findOneBy({ id: orgId });
    if (org === null) return undefined;
    org.displayName = displayName === org.name ? null : displayName;
    await orgs.update(orgId, { displayName: org.displayName });
    return org;
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
    if (membership?.org === undefined)
      throw new ApiException('org_not_found', 'You are in no organization of this name.');
    if (!roles.includes(membership.role)) {
      throw new ApiException(
        'insufficient_role',
        `Only an ${roles.join(' or ')} of the organization can do this; your role is ${membership.role}.`,
      );
    }
    return { org: membership.org, role: membership.role };
  }
}
