import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { CallSums } from './call-sums';

/**
 * An agent's session: the sums of the calls of one user, organization and kind of client that belong to one session. Session ids
 * are what clients say, so they mean nothing across users.
 */
@Entity('agent_sessions')
@Unique('agent_sessions_key', ['userId', 'orgId', 'clientKind', 'sessionId'])
@Index('agent_sessions_user_id_last_at_idx', ['userId', 'lastAt'])
@Index('agent_sessions_org_id_last_at_idx', ['orgId', 'lastAt'])
export class AgentSessionEntity extends CallSums {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'agent_sessions_pkey' })
  id!: string;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('uuid', { name: 'org_id', nullable: true })
  orgId!: string | null;

  /** The name with which the client's `user-agent` begins, in lower case; empty without one. */
  @Column('text', { name: 'client_kind' })
  clientKind!: string;

  /** The id that the client gave its session, or else that of the exchange that began it. */
  @Column('text', { name: 'session_id' })
  sessionId!: string;

  /** When the first call came in. */
  @Column('timestamptz', { name: 'begun_at' })
  begunAt!: Date;

  /** When the last call came in. */
  @Column('timestamptz', { name: 'last_at' })
  lastAt!: Date;

  /** The client of the last call. */
  @Column('text', { nullable: true })
  client!: string | null;

  /** The models that answered, or else that were requested. */
  @Column('text', { array: true })
  models!: string[];

  /** The calls that were answered with an error, or broke off. */
  @Column('integer', { name: 'failed_calls' })
  failedCalls!: number;
}
