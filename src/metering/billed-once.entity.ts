import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Usage that a provider reports at each request for it, such as a batch's results: its key is here once it is billed. */
@Entity('billed_once')
export class BilledOnceEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'billed_once_pkey' })
  key!: string;

  @Column('timestamptz')
  at!: Date;
}
