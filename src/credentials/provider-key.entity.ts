import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';
import { UserEntity } from '../auth/user.entity';
import { Outcome } from '../exchange/facts';
import { OrgEntity } from '../orgs/org.entity';
import { Sealed } from './encryption.service';

/** A request through the proxy with a stored key, as shown to the key's owner. */
export interface KeyUse {
  /** When the request came in, in ISO 8601. */
  readonly at: string;
  /** The client's `user-agent`, or null. */
  readonly client: string | null;
  /** The status of the response to the client, or null when the client disconnected before there was one. */
  readonly status: number | null;
  /** Whether the client received the complete response, and otherwise which side aborted. */
  readonly outcome: Outcome;
}

/** The owner of a stored key: a user, or an organization that shares the key with its members. */
export interface KeyOwner {
  readonly kind: 'user' | 'organization';
  readonly id: string;
}

/**
 * The key of a user or an organization for one provider, as ciphertext. Of the plaintext, the row holds no more than the
 * fingerprint.
 */
@Entity('provider_keys')
@Unique('provider_keys_user_id_provider_key', ['userId', 'provider'])
@Unique('provider_keys_org_id_provider_key', ['orgId', 'provider'])
@Check('provider_keys_owner_check', `("user_id" IS NULL) <> ("org_id" IS NULL)`)
@Check(
  'provider_keys_format_check',
  `"format" = 2 OR ("format" = 1 AND "user_id" IS NOT NULL AND "provider" = 'anthropic')`,
)
export class ProviderKeyEntity implements Sealed {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'provider_keys_pkey' })
  id!: string;

  /** The owner, if it is a user; null for a key of an organization. */
  @Column('uuid', { name: 'user_id', nullable: true })
  userId!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'provider_keys_user_id_fkey' })
  user?: UserEntity;

  /** The owner, if it is an organization; null for a key of a user. */
  @Column('uuid', { name: 'org_id', nullable: true })
  orgId!: string | null;

  @ManyToOne(() => OrgEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'org_id', foreignKeyConstraintName: 'provider_keys_org_id_fkey' })
  org?: OrgEntity;

  /** The provider's id, as in the table of providers or in the operator's file. */
  @Column('text')
  provider!: string;

  /** The AES-256-GCM ciphertext, followed by its 16-byte tag. */
  @Column('bytea', { name: 'key_encrypted' })
  ciphertext!: Buffer;

  @Column('bytea', { name: 'key_nonce' })
  nonce!: Buffer;

  /** The id of the master key that encrypted this row. */
  @Column('text', { name: 'master_key_id' })
  @Index('provider_keys_master_key_id_idx')
  masterKeyId!: string;

  /** The format of the ciphertext's additional data (key-binding.ts). */
  @Column('smallint')
  format!: number;

  /** The fingerprint by which the owner recognizes the key (key-fingerprint.ts). Null for a key from before fingerprints. */
  @Column('text', { nullable: true })
  fingerprint!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** When the current key was stored. */
  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  /**
   * The last use of the current key, to the minute while calls have the same kind of outcome. Null while the key has not
   * been used.
   */
  @Column('jsonb', { name: 'last_use', nullable: true })
  lastUse!: KeyUse | null;
}
