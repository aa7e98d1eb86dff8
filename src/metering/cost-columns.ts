import { StoredCostLine } from './call.entity';
import { Cost } from './cost';
import { shown } from './shown';

/** The largest number of PostgreSQL's `bigint`. */
const MAX_BIGINT = 2n ** 63n - 1n;

/** The columns of a call about its cost. */
export interface CostColumns {
  /** Billionths of a US dollar, as a decimal integer. */
  readonly cost_nano_usd: string | null;
  readonly cost_lines: readonly StoredCostLine[] | null;
  readonly price_id: string | null;
}

/** Returns the columns of a row about what a call cost; a cost beyond every sum, which a provider may report, counts as unknown. */
export function costColumns(cost: Cost | undefined): CostColumns {
  if (cost === undefined || cost.nanoUsd > MAX_BIGINT)
    return { cost_nano_usd: null, cost_lines: null, price_id: null };
  return {
    cost_nano_usd: cost.nanoUsd.toString(),
    cost_lines: cost.lines.map(({ category, model, quantity, usdPerUnit, multiplier, nanoUsd }) => {
      const price = [usdPerUnit ?? null, multiplier, nanoUsd.toString()] as const;
      return [category, shown(model), quantity, ...price] as const;
    }),
    price_id: cost.price?.row.id ?? null,
  };
}
