import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { UserEntity } from '../auth/user.entity';
import { OrgEntity } from './org.entity';

/** The roles of members, from the most to the least privileged; an auditor reads what others may not, and manages nothing. */
export const ROLES = ['owner', 'admin', 'auditor', 'developer'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Tells whether a member with the role `own` may grant or revoke `role`: no one may grant or revoke more than their own, and no
 * admin chooses or removes an auditor.
 */
export function canGrant(own: Role, role: Role): boolean {
  return own === 'owner' || (own === 'admin' && (role === 'admin' || role === 'developer'));
}

@Entity('user_org_memberships')
@Check('user_org_memberships_role_check', `"role" IN ('owner', 'admin', 'auditor', 'developer')`)
export class MembershipEntity {
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'user_org_memberships_pkey' })
  userId!: string;

  @PrimaryColumn('uuid', { name: 'org_id', primaryKeyConstraintName: 'user_org_memberships_pkey' })
  @Index('user_org_memberships_org_id_idx')
  orgId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'user_org_memberships_user_id_fkey' })
  user?: UserEntity;

  @ManyToOne(() => OrgEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'org_id', foreignKeyConstraintName: 'user_org_memberships_org_id_fkey' })
  org?: OrgEntity;

  @Column('text')
  role!: Role;
}
