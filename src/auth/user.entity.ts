import { Check, Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

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

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
