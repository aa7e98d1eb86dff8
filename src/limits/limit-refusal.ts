import { LimitEntity } from './limit.entity';
import { Measure } from './limit-grant.entity';
import { PeriodRange } from './period';

/** Why a call is refused. */
export type LimitRefusal =
  | {
      readonly kind: 'spend';
      readonly limit: LimitEntity;
      readonly period: PeriodRange;
      /** Amounts in billionths of a US dollar. */
      readonly amount: number;
      readonly spent: number;
      /** What open calls may still cost. */
      readonly reserved: number;
      readonly estimate: number;
    }
  | {
      readonly kind: 'rate';
      readonly limit: LimitEntity;
      readonly period: PeriodRange;
      readonly measure: Exclude<Measure, 'spend'>;
      readonly amount: number;
    }
  | { readonly kind: 'model'; readonly limit: LimitEntity; readonly model: string | undefined }
  | { readonly kind: 'unsure' };
