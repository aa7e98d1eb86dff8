import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { LimitEntity } from './limit.entity';
import { SpendLevel } from './spend-levels';

/** A level of a spend limit that was reached: once for each subject and period, whichever process has noticed it. */
@Entity('limit_alerts')
@Unique('limit_alerts_key', ['limitId', 'subjectId', 'periodStart', 'amountNanoUsd', 'percent'])
@Index('limit_alerts_next_attempt_at_idx', ['nextAttemptAt'])
export class LimitAlertEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'limit_alerts_pkey' })
  id!: string;

  @Column('uuid', { name: 'limit_id' })
  limitId!: string;

  @ManyToOne(() => LimitEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'limit_id', foreignKeyConstraintName: 'limit_alerts_limit_id_fkey' })
  limit?: LimitEntity;

  /** The organization, the member or the proxy token that the limit counts. */
  @Column('uuid', { name: 'subject_id' })
  subjectId!: string;

  @Column('timestamptz', { name: 'period_start' })
  periodStart!: Date;

  @Column('timestamptz', { name: 'period_end' })
  periodEnd!: Date;

  /** The limit's amount at that time, in billionths of a US dollar: a limit that is changed has its levels again. */
  @Column('bigint', { name: 'amount_nano_usd' })
  amountNanoUsd!: string;

  @Column('smallint')
  percent!: SpendLevel;

  /** What was spent when it was noticed, in billionths of a US dollar. */
  @Column('bigint', { name: 'spent_nano_usd' })
  spentNanoUsd!: string;

  @Column('timestamptz', { name: 'reached_at' })
  reachedAt!: Date;

  /** How often the webhook has been called for it. */
  @Column('integer', { default: 0 })
  attempts!: number;

  /** When the webhook is to be called for it; null when it was told, given up, or nobody wants to be told. */
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;
}
