import { LimitScope } from './limit.entity';
import { SpendPeriod } from './period';
import { SpendLevel } from './spend-levels';

/** A level of a spend limit that was reached and has to be told, with what a person wants to know of it. */
export interface DueAlert {
  readonly id: string;
  readonly percent: SpendLevel;
  readonly reachedAt: Date;
  readonly limitId: string;
  readonly scope: LimitScope;
  readonly period: SpendPeriod;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  /** Exact decimal numbers of US dollars. */
  readonly amountUsd: string;
  readonly spentUsd: string;
  /** The name of the organization. */
  readonly org: string;
  readonly subjectId: string;
  /** The email of the member; null for a limit of another scope. */
  readonly email: string | null;
  /** The name of the proxy token; null for a limit of another scope. */
  readonly token: string | null;
  /** Whether it is given up if this try fails. */
  readonly isLast: boolean;
}
