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

  @Column('text')
  name!: string;

  /** SHA-256 of the whole token, in hex. The token itself is nowhere. */
  @Column('text', { name: 'token_hash' })
  tokenHash!: string;

  /** Its first and last digits, as people see it; null for one that was created before this was kept, and not used since. */
  @Column('text', { name: 'masked_token', nullable: true })
  maskedToken!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** Null: never. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /** By its owner, or with the account's use. The row stays for a while, to say so to whoever still uses it. */
  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  /** To the minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  /** What the client called itself (`user-agent`) then. */
  @Column('text', { name: 'last_client', nullable: true })
  lastClient!: string | null;
}
