import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { HourlySums } from './hourly-sums';

/**
 * The sums of the calls of one hour (UTC), organization, provider and model. They could be made of the sums by user and proxy
 * token; of a thousand users these are half a million a month, too many for a page.
 */
@Entity('org_usage_hourly')
@Unique('org_usage_hourly_key', ['orgId', 'hour', 'provider', 'model'])
export class OrgUsageHourEntity extends HourlySums {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'org_usage_hourly_pkey' })
  id!: string;

  @Column('uuid', { name: 'org_id' })
  orgId!: string;
}
