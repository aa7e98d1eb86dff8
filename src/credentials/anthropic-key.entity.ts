import { Column, CreateDateColumn, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { UserEntity } from '../auth/user.entity';
import { Outcome } from '../exchange/facts';
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

/** A user's Anthropic key as ciphertext. Of the plaintext, the row holds no more than the fingerprint. */
@Entity('user_anthropic_keys')
export class AnthropicKeyEntity implements Sealed {
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'user_anthropic_keys_pkey' })
  userId!: string;

  @OneToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'user_anthropic_keys_user_id_fkey' })
  user?: UserEntity;

  /** The AES-256-GCM ciphertext, followed by its 16-byte tag. */
  @Column('bytea', { name: 'key_encrypted' })
  ciphertext!: Buffer;

  @Column('bytea', { name: 'key_nonce' })
  nonce!: Buffer;

  /** The id of the master key that encrypted this row. */
  @Column('text', { name: 'master_key_id' })
  @Index('user_anthropic_keys_master_key_id_idx')
  masterKeyId!: string;

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
