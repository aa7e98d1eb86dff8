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
import { UserEntity } from '../auth/user.entity';
import { OrgEntity } from './org.entity';

@Entity('api_keys')
@Unique('api_keys_key_hash_key', ['keyHash'])
export class ApiKeyEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id!: string;

  @Column('uuid', { name: 'org_id' })
  @Index('api_keys_org_id_idx')
  orgId!: string;

  @ManyToOne(() => OrgEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'org_id', foreignKeyConstraintName: 'api_keys_org_id_fkey' })
  org?: OrgEntity;

  @Column('text')
  name!: string;

  /** The SHA-256 hash of the whole key, in hex. The key itself is stored nowhere. */
  @Column('text', { name: 'key_hash' })
  keyHash!: string;

  /** The key's first characters, for display only: with them people tell their keys apart. */
  @Column('text')
  prefix!: string;

  /** The id of the user who created the key; null once that account is deleted. The key itself belongs to the organization. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'created_by', foreignKeyConstraintName: 'api_keys_created_by_fkey' })
  creator?: UserEntity;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;
}
