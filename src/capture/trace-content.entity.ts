import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { UserEntity } from '../auth/user.entity';
import { DataKeyEntity } from '../credentials/data-key.entity';

/**
 * What is kept of the content of one agent's session, or was: its pieces and bodies refer to it. Content that comes after a
 * deletion is another row.
 */
@Entity('trace_contents')
@Index('trace_contents_session_idx', ['userId', 'orgId', 'clientKind', 'sessionId'], {
  unique: true,
  where: '"deleted_at" IS NULL',
})
@Index('trace_contents_user_id_idx', ['userId'])
@Index('trace_contents_data_key_id_idx', ['dataKeyId'])
@Index('trace_contents_last_at_idx', ['lastAt'], { where: '"deleted_at" IS NULL' })
@Check(
  'trace_contents_deleted_check',
  `("data_key_id" IS NULL) = ("deleted_at" IS NOT NULL) AND ("title" IS NULL OR "deleted_at" IS NULL)`,
)
export class TraceContentEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'trace_contents_pkey' })
  id!: string;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'trace_contents_user_id_fkey' })
  user?: UserEntity;

  /** This and the two below are as in agent_sessions. */
  @Column('uuid', { name: 'org_id', nullable: true })
  orgId!: string | null;

  @Column('text', { name: 'client_kind' })
  clientKind!: string;

  @Column('text', { name: 'session_id' })
  sessionId!: string;

  /** The key that its pieces are encrypted with; null when the content has been deleted. */
  @Column('uuid', { name: 'data_key_id', nullable: true })
  dataKeyId!: string | null;

  @ManyToOne(() => DataKeyEntity)
  @JoinColumn({ name: 'data_key_id', foreignKeyConstraintName: 'trace_contents_data_key_id_fkey' })
  dataKey?: DataKeyEntity;

  /** The first words of the user, encrypted like the pieces; null while they are not known. */
  @Column('bytea', { nullable: true })
  title!: Buffer | null;

  /** The kinds of secrets of which the person was told that they went to a model. */
  @Column('text', { name: 'secrets_sent', array: true, default: [] })
  secretsSent!: string[];

  /** When the last call came in whose content is kept. */
  @Column('timestamptz', { name: 'last_at' })
  lastAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
