import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';
import { OrgEntity } from '../orgs/org.entity';
import { SPEND_PERIODS, SpendPeriod } from './period';

export const LIMIT_KINDS = ['spend', 'rate', 'models'] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** Whom a limit is for: all together, each member by default, one member, or one proxy token. */
export const LIMIT_SCOPES = ['organization', 'everyone', 'member', 'token'] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** How dear a call is taken before it is made: the worst case, or what the calls of its session usually cost. */
export const ESTIMATES = ['strict', 'typical'] as const;
export type EstimateKind = (typeof ESTIMATES)[number];

const oneOf = (column: string, values: readonly string[]): string =>
  `"${column}" IN (${values.map((value) => `'${value}'`).join(', ')})`;

/** A limit that an organization has set. */
@Entity('limits')
@Check('limits_kind_check', oneOf('kind', LIMIT_KINDS))
@Check('limits_scope_check', oneOf('scope', LIMIT_SCOPES))
@Check('limits_subject_check', `("scope" IN ('member', 'token')) = ("subject_id" IS NOT NULL)`)
@Check('limits_period_check', `("kind" = 'spend') = ("period" IS NOT NULL)`)
@Check('limits_period_values_check', oneOf('period', SPEND_PERIODS))
@Check('limits_estimate_check', oneOf('estimate', ESTIMATES))
@Unique('limits_key', ['orgId', 'kind', 'scope', 'subjectId', 'period'])
export class LimitEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'limits_pkey' })
  id!: string;

  @Column('uuid', { name: 'org_id' })
  orgId!: string;

  @ManyToOne(() => OrgEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'org_id', foreignKeyConstraintName: 'limits_org_id_fkey' })
  org?: OrgEntity;

  @Column('text')
  kind!: LimitKind;

  @Column('text')
  scope!: LimitScope;

  /** The id of the member or of the proxy token; null for the other scopes. */
  @Column('uuid', { name: 'subject_id', nullable: true })
  subjectId!: string | null;

  @Column('text', { nullable: true })
  period!: SpendPeriod | null;

  /** The amount of money in billionths of a US dollar; null for no limit, which replaces the default of everyone. */
  @Column('bigint', { name: 'amount_nano_usd', nullable: true })
  amountNanoUsd!: string | null;

  @Column('integer', { name: 'requests_per_minute', nullable: true })
  requestsPerMinute!: number | null;

  @Column('bigint', { name: 'tokens_per_minute', nullable: true })
  tokensPerMinute!: string | null;

  /** Patterns of the models that are allowed; null for a limit of another kind. */
  @Column('jsonb', { nullable: true })
  allow!: string[] | null;

  @Column('text', { default: 'strict' })
  estimate!: EstimateKind;

  /** Whether calls with keys of their own count as well. */
  @Column('boolean', { name: 'count_personal_keys', default: false })
  countPersonalKeys!: boolean;

  /** The time at which the limit stops applying by itself. */
  @Column('timestamptz', { nullable: true })
  until!: Date | null;

  @Column('text', { nullable: true })
  note!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
