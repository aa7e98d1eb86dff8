import { Column, CreateDateColumn, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { UserEntity } from '../auth/user.entity';
import { Outcome } from '../exchange/facts';
import { Sealed } from './encryption.service';

/** One request through the proxy with a stored key, as its owner is shown it. */
export interface KeyUse {
  /** When the request came in; ISO 8601. */
  readonly at: string;
  /** What the client called itself (`user-agent`), or null. */
  readonly client: string | null;
  /** Of the answer that the client got, or null when it left before there was one. */
  readonly status: number | null;
  /** Whether the client got the whole answer, and if not, who broke off. */
  readonly outcome: Outcome;
}

/** One person's Anthropic key, as ciphertext: of the key itself no field of this class holds more than its fingerprint. */
@Entity('user_anthropic_keys')
export class AnthropicKeyEntity implements Sealed {
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'user_anthropic_keys_pkey' })
  userId!: string;

  @OneToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'user_anthropic_keys_user_id_fkey' })
  user?: UserEntity;

  /** AES-256-GCM ciphertext with its 16-byte tag at the end. */
  @Column('bytea', { name: 'key_encrypted' })
  ciphertext!: Buffer;

  @Column('bytea', { name: 'key_nonce' })
  nonce!: Buffer;

  /** Which master key encrypted this row. */
  @Column('text', { name: 'master_key_id' })
  @Index('user_anthropic_keys_master_key_id_idx')
  masterKeyId!: string;

  /** By which its owner tells it from another; see key-fingerprint.ts. Null of a key from before there were any. */
  @Column('text', { nullable: true })
  fingerprint!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** When the key that is stored now was stored. */
  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  /** To the minute, while calls come out in one way. Null as long as the key that is stored now has not been used. */
  @Column('jsonb', { name: 'last_use', nullable: true })
  lastUse!: KeyUse | null;
}
