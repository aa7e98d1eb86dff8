import { Price } from './price';

/** What is billed at a rate of its own. */
export const COST_CATEGORIES = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'web_search',
  'reported',
] as const;
export type CostCategory = (typeof COST_CATEGORIES)[number];

/** One line of a call's cost. The lines of a call add up to its cost exactly. */
export interface CostLine {
  readonly category: CostCategory;
  readonly model: string | undefined;
  /** The number of tokens, or of searches. */
  readonly quantity: number;
  /**
   * The rate in USD for a million tokens, or for a thousand searches, as a decimal number; undefined if the provider said the
   * cost, or bills nothing for a model without a price.
   */
  readonly usdPerUnit: string | undefined;
  /** The factor on the rate, as a decimal number: batches, regions, the operator's contract; `0` for what is not billed. */
  readonly multiplier: string;
  /** The cost in billionths of a US dollar. */
  readonly nanoUsd: bigint;
}

/** What a call costs, line by line. */
export interface Cost {
  readonly lines: readonly CostLine[];
  readonly nanoUsd: bigint;
  /** The price that applied to the call's main model; undefined if the provider said the cost. */
  readonly price: Price | undefined;
}

/** Why a call has no cost: the part of its price that is not known, or usage that can't be read. */
export type UnpricedReason = 'model' | 'service_tier' | 'speed' | 'region' | 'web_search' | 'unreadable';

/** The cost of a call that is not known. */
export interface Unpriced {
  readonly reason: UnpricedReason;
  /** The model without a price, or with an incomplete one. */
  readonly model: string | undefined;
}

/** Returns whether a call's cost is not known. */
export function isUnpriced(cost: Cost | Unpriced): cost is Unpriced {
  return 'reason' in cost;
}
