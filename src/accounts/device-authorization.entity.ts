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

/** The status of a device login. There is none for a redeemed login, because its row is deleted. */
type DeviceAuthorizationStatus = 'pending' | 'approved' | 'denied';

/**
 * A device login (`tracevault login`) that waits for approval or redemption. It never holds a session token, which
 * redemption creates.
 */
@Entity('device_authorizations')
@Unique('device_authorizations_device_code_hash_key', ['deviceCodeHash'])
@Unique('device_authorizations_user_code_hash_key', ['userCodeHash'])
export class DeviceAuthorizationEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'device_authorizations_pkey' })
  id!: string;

  @Column('text', { name: 'device_code_hash' })
  deviceCodeHash!: string;

  @Column('text', { name: 'user_code_hash' })
  userCodeHash!: string;

  @Column('text', { default: 'pending' })
  status!: DeviceAuthorizationStatus;

  /** The user who approved or denied the login. */
  @Column('uuid', { name: 'user_id', nullable: true })
  userId!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'device_authorizations_user_id_fkey' })
  user?: UserEntity;

  /** The client's own name for itself. It is shown to the user and not verified. */
  @Column('text', { name: 'client_name' })
  clientName!: string;

  @Column('text', { name: 'client_address', nullable: true })
  clientAddress!: string | null;

  @Column('integer', { name: 'interval_seconds' })
  intervalSeconds!: number;

  @Column('timestamptz', { name: 'last_polled_at', nullable: true })
  lastPolledAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  @Index('device_authorizations_expires_at_idx')
  expiresAt!: Date;
}
