import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';
import { UserEntity } from './user.entity';

@Entity('proxy_tokens')
@Unique('proxy_tokens_token_hash_key', ['tokenHash'])
export class ProxyTokenEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'proxy_tokens_pkey' })
  id!: string;

  @Column('uuid', { name: 'user_id' })
  @Index('proxy_tokens_user_id_idx')
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'proxy_tokens_user_id_fkey' })
  user?: UserEntity;

  /**
   * The organization that calls with this token belong to. Null for a token that was created when its owner was in none: its
   * calls belong to the owner's current organization.
   */
  @Column('uuid', { name: 'org_id', nullable: true })
  @Index('proxy_tokens_org_id_idx')
  orgId!: string | null;

  @ManyToOne('OrgEntity', { onDelete: 'SET NULL' }) // by its name, because this room must not depend on that one
  @JoinColumn({ name: 'org_id', foreignKeyConstraintName: 'proxy_tokens_org_id_fkey' })
  org?: object;

  @Column('text')
  name!: string;

  /** The SHA-256 of the whole token, in hex. The token itself is not stored. */
  @Column('text', { name: 'token_hash' })
  tokenHash!: string;

  /**
   * The first and last digits of the token, for display. Null for a token from before this column that has not been used
   * since.
   */
  @Column('text', { name: 'masked_token', nullable: true })
  maskedToken!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** When the token expires; null for never. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /**
   * When the token was revoked, by its owner or with the deactivation of the account. The row is kept for a while, so that
   * clients that still use the token are told why it is refused.
   */
  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  /** When the token was last used, to the minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  /** The `user-agent` of the last use. */
  @Column('text', { name: 'last_client', nullable: true })
  lastClient!: string | null;
}
