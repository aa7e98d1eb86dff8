import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { SigningKeyEntity } from '../credentials/signing-key.entity';

/** A signature over a stretch of a chain. */
@Entity('seals')
export class SealEntity {
  @PrimaryColumn('uuid', { name: 'chain_id', primaryKeyConstraintName: 'seals_pkey' })
  chainId!: string;

  /** The numbers of its first and its last entry. */
  @PrimaryColumn('bigint', { name: 'first_seq', primaryKeyConstraintName: 'seals_pkey' })
  firstSeq!: string;

  @Column('bigint', { name: 'last_seq' })
  lastSeq!: string;

  /** The heads of the chain before its first entry and after its last. */
  @Column('bytea', { name: 'previous_head' })
  previousHead!: Buffer;

  @Column('bytea')
  head!: Buffer;

  @Column('timestamptz', { name: 'sealed_at' })
  sealedAt!: Date;

  @Column('uuid', { name: 'signing_key_id' })
  signingKeyId!: string;

  @ManyToOne(() => SigningKeyEntity)
  @JoinColumn({ name: 'signing_key_id', foreignKeyConstraintName: 'seals_signing_key_id_fkey' })
  signingKey?: SigningKeyEntity;

  /** The Ed25519 signature of its text. */
  @Column('bytea')
  signature!: Buffer;
}
