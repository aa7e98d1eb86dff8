import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';

@Entity('users')
@Unique('users_email_key', ['email'])
@Check('users_email_lower_check', `"email" = lower("email")`)
export class UserEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id!: string;

  /**
   * The email in its canonical form (api/email.ts), so that the unique constraint ignores case. The emails of older
   * accounts are at least in lower case.
   */
  @Column('text')
  email!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  /** The argon2id hash of the password, in its encoded form. */
  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  /** Since when the user may not sign in; null for an active account. A deactivated account keeps its data. */
  @Column('timestamptz', { name: 'deactivated_at', nullable: true })
  deactivatedAt!: Date | null;

  /** Whether the content of the user's calls is kept. */
  @Column('boolean', { name: 'keeps_content', default: false })
  keepsContent!: boolean;

  /** Whether secrets are taken out of what is kept. */
  @Column('boolean', { name: 'redacts_content', default: true })
  redactsContent!: boolean;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** The organization that the calls of the user's sessions belong to; null for the first one (orgs/call-org.ts). */
  @Column('uuid', { name: 'current_org_id', nullable: true })
  currentOrgId!: string | null;

  @ManyToOne('OrgEntity', { onDelete: 'SET NULL' }) // by its name, because this room must not depend on that one
  @JoinColumn({ name: 'current_org_id', foreignKeyConstraintName: 'users_current_org_id_fkey' })
  currentOrg?: object;
}
