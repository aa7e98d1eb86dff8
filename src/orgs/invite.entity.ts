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
import { Role } from './membership.entity';
import { OrgEntity } from './org.entity';

/** An open invite. It can be used once: accepting it deletes the row. */
@Entity('invites')
@Unique('invites_code_hash_key', ['codeHash'])
@Check('invites_role_check', `"role" IN ('owner', 'admin', 'auditor', 'developer')`)
export class InviteEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'invites_pkey' })
  id!: string;

  @Column('uuid', { name: 'org_id' })
  @Index('invites_org_id_idx')
  orgId!: string;

  @ManyToOne(() => OrgEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'org_id', foreignKeyConstraintName: 'invites_org_id_fkey' })
  org?: OrgEntity;

  @Column('text')
  role!: Role;

  /** The email that may use the invite, in lower case; null when anyone with the code may use it. */
  @Column('text', { nullable: true })
  email!: string | null;

  /** The SHA-256 hash of the whole code, in hex. The code itself is stored nowhere. */
  @Column('text', { name: 'code_hash' })
  codeHash!: string;

  @Column('uuid', { name: 'created_by' })
  @Index('invites_created_by_idx')
  createdBy!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'created_by', foreignKeyConstraintName: 'invites_created_by_fkey' })
  creator?: UserEntity;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}
