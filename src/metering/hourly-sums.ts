import { Column } from 'typeorm';
import { CallSums } from './call-sums';

/** The sums of the calls of one hour (UTC), provider and model. */
export abstract class HourlySums extends CallSums {
  @Column('timestamptz')
  hour!: Date;

  @Column('text')
  provider!: string;

  /** The model that answered, or else the one that was requested. */
  @Column('text', { nullable: true })
  model!: string | null;
}
