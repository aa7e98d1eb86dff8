import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { EntityManager, Repository } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { MembershipEntity, Role, ROLES } from './membership.entity';
import { knownAs } from './org-name';
import { OrgEntity } from './org.entity';

/** Who may look after an org's keys, invites and members. */
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
   * Within the caller's transaction; the founder becomes its owner.
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
   * Changes what people see; the name in URLs stays.
   * @returns undefined when there is no such org any more.
   */
  async rename(orgId: string, displayName: string | null): Promise<OrgEntity | undefined> {
    const orgs = this.memberships.manager.getRepository(OrgEntity);
    const org = await orgs.findOneBy({ id: orgId });
    if (org === null) return undefined;
    org.displayName = displayName === org.name ? null : displayName;
    await orgs.update(orgId, { displayName: org.displayName });
    return org;
  }

  async membershipsOf(userId: string): Promise<Membership[]> {
    const create = await this.memberships.find({
      where: { userId },
      relations: { org: true },
      order: { org: { name: 'ASC' } },
    });
    return create.map(({ org, role }) => ({ org: org as OrgEntity, role }));
  }

  /**
   * Also to somebody who is not in it. Takes nothing: an owner stays one.
   * @returns the role that they have now; undefined when there is no such org.
   */
  async giveRole(userId: string, name: string, role: Role): Promise<Membership | undefined> {
    const slug = knownAs(name);
    const org =
      slug === undefined ? null : await this.memberships.manager.findOneBy(OrgEntity, { name: slug });
    if (org === null) return undefined;
    const own = await this.memberships.findOneBy({ userId, orgId: org.id });
    if (own !== null && ROLES.indexOf(own.role) < ROLES.indexOf(role)) return { org, role: own.role };
    await this.memberships.upsert({ userId, orgId: org.id, role }, ['userId', 'orgId']);
    return { org, role };
  }

  /**
   * The org by its name and the member's role in it, for a member with one of the roles.
   * @throws ApiException (org_not_found) for an org that doesn't exist and for one that the user is not in, with one wording:
   * whether an org exists is its members' business.
   * @throws ApiException (insufficient_role) for a member with another role.
   */
  async membershipFor(userId: string, name: string, roles: readonly Role[]): Promise<Membership> {
    const slug = knownAs(name);
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
