import { Check, Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity('users')
@Unique('users_email_key', ['email'])
@Check('users_email_lower_check', `"email" = lower("email")`)
export class UserEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id!: string;

  /** In its one form (api/email.ts), so that the unique constraint ignores case; older ones in lower case at least. */
  @Column('text')
  email!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  /** argon2id, in its own encoded form. */
  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  /** Since when the person may not sign in. The account stays: what they did is still theirs. */
  @Column('timestamptz', { name: 'deactivated_at', nullable: true })
  deactivatedAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
