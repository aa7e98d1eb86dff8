import { Column } from 'typeorm';
import { TokenColumns } from './token-columns';

/** The sums of calls. Columns of type `bigint` are strings in JavaScript. */
export abstract class CallSums extends TokenColumns {
  @Column('integer')
  calls!: number;

  @Column('bigint', { name: 'cost_nano_usd' })
  costNanoUsd!: string;

  @Column('integer', { name: 'estimated_calls' })
  estimatedCalls!: number;

  @Column('integer', { name: 'unreadable_calls' })
  unreadableCalls!: number;

  @Column('integer', { name: 'unpriced_calls' })
  unpricedCalls!: number;
}
