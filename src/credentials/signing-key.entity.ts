import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A key pair with which the installation signs; the private key as ciphertext under a master key. */
@Entity('signing_keys')
export class SigningKeyEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'signing_keys_pkey' })
  id!: string;

  /** The Ed25519 public key, as SubjectPublicKeyInfo (DER). */
  @Column('bytea', { name: 'public_key' })
  publicKey!: Buffer;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** The private key, as PKCS #8 (DER), encrypted. */
  @Column('bytea')
  ciphertext!: Buffer;

  @Column('bytea')
  nonce!: Buffer;

  @Column('text', { name: 'master_key_id' })
  masterKeyId!: string;
}
