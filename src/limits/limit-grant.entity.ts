import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { LimitEntity } from './limit.entity';

/** What is counted towards a limit. */
export type Measure = 'spend' | 'requests' | 'tokens';

/**
 * What one process may spend of a limit without asking again. The grants of all processes and what the ledger says was spent
 * never exceed the limit together.
 */
@Entity('limit_grants')
@Unique('limit_grants_key', ['limitId', 'subjectId', 'periodStart', 'measure', 'processId'])
@Index('limit_grants_renewed_at_idx', ['renewedAt'])
export class LimitGrantEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'limit_grants_pkey' })
  id!: string;

  @Column('uuid', { name: 'limit_id' })
  limitId!: string;

  @ManyToOne(() => LimitEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'limit_id', foreignKeyConstraintName: 'limit_grants_limit_id_fkey' })
  limit?: LimitEntity;

  /** The organization, the member or the proxy token that the limit counts. */
  @Column('uuid', { name: 'subject_id' })
  subjectId!: string;

  @Column('timestamptz', { name: 'period_start' })
  periodStart!: Date;

  @Column('text')
  measure!: Measure;

  @Column('uuid', { name: 'process_id' })
  processId!: string;

  /** Billionths of a US dollar, requests or tokens. */
  @Column('bigint')
  granted!: string;

  /** The part of it that open calls hold. */
  @Column('bigint')
  held!: string;

  /** When the process has last been heard of. A grant of money that nobody renews is void after half a minute. */
  @Column('timestamptz', { name: 'renewed_at' })
  renewedAt!: Date;
}
