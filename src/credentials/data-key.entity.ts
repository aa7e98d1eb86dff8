import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { UserEntity } from '../auth/user.entity';

/** The key of one set of data, as ciphertext under a master key. Whoever deletes it has deleted the data, wherever copies are. */
@Entity('data_keys')
@Index('data_keys_user_id_idx', ['userId'])
export class DataKeyEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'data_keys_pkey' })
  id!: string;

  /** The user whose data it encrypts; it goes with them. */
  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'data_keys_user_id_fkey' })
  user?: UserEntity;

  @Column('bytea')
  ciphertext!: Buffer;

  @Column('bytea')
  nonce!: Buffer;

  @Column('text', { name: 'master_key_id' })
  masterKeyId!: string;
}
