import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { HourlySums } from './hourly-sums';

/** The sums of the calls of one hour (UTC), user, organization, proxy token, provider and model. */
@Entity('usage_hourly')
@Unique('usage_hourly_key', ['userId', 'hour', 'orgId', 'proxyTokenId', 'provider', 'model'])
@Index('usage_hourly_org_id_hour_idx', ['orgId', 'hour'])
export class UsageHourEntity extends HourlySums {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'usage_hourly_pkey' })
  id!: string;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('uuid', { name: 'org_id', nullable: true })
  orgId!: string | null;

  @Column('uuid', { name: 'proxy_token_id', nullable: true })
  proxyTokenId!: string | null;
}
