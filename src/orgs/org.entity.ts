import { Check, Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** Whether members of an organization may use keys of their own, must, or must not. */
export const PERSONAL_KEYS = ['allowed', 'required', 'forbidden'] as const;
export type PersonalKeys = (typeof PERSONAL_KEYS)[number];

/** Whether the content of an organization's calls is kept: never, where the member has chosen it, or always. */
export const CAPTURE_POLICIES = ['off', 'members_choose', 'required'] as const;
export type CapturePolicy = (typeof CAPTURE_POLICIES)[number];

@Entity('orgs')
@Check('orgs_capture_check', `"capture" IN ('off', 'members_choose', 'required')`)
@Check('orgs_personal_keys_check', `"personal_keys" IN ('allowed', 'required', 'forbidden')`)
@Unique('orgs_name_key', ['name'])
export class OrgEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'orgs_pkey' })
  id!: string;

  /** The organization's name in URLs, a slug; it never changes. */
  @Column('text')
  name!: string;

  /** The name that people see; null when it is the same as `name`. */
  @Column('text', { name: 'display_name', nullable: true })
  displayName!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('text', { name: 'personal_keys', default: 'allowed' })
  personalKeys!: PersonalKeys;

  @Column('text', { default: 'members_choose' })
  capture!: CapturePolicy;
}
