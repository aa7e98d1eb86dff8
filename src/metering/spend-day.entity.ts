import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What was spent on one day (UTC) in an organization by all, by one user, or through one proxy token. */
@Entity('spend_daily')
export class SpendDayEntity {
  @PrimaryColumn('uuid', { name: 'org_id', primaryKeyConstraintName: 'spend_daily_pkey' })
  orgId!: string;

  /** The id of the organization itself, of the user or of the proxy token. */
  @PrimaryColumn('uuid', { name: 'subject_id', primaryKeyConstraintName: 'spend_daily_pkey' })
  subjectId!: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'spend_daily_pkey' })
  day!: string;

  /** The cost of calls with a key of the organization, in billionths of a US dollar. */
  @Column('bigint', { name: 'shared_nano_usd' })
  sharedNanoUsd!: string;

  /** The cost of calls with the callers' own keys. */
  @Column('bigint', { name: 'own_nano_usd' })
  ownNanoUsd!: string;
}
