import { CallEntity } from './call.entity';
import { ownRow } from './price-table';

/** The row of the price table that a call was priced with. */
export interface AppliedPrice {
  readonly id: string;
  /** The first day (UTC) on which the row applied; null if it always has. */
  readonly from: string | null;
  /** Where the price is from; null if that is not known any more. */
  readonly source: string | null;
  /** The day on which somebody compared the row with its source. */
  readonly checked: string | null;
  readonly isOverride: boolean;
}

/**
 * Returns the price of a call as it was when the call was priced: the operator's own are kept with it, and the rows of the product
 * stay. Returns undefined if the call has none, as where the provider said the cost.
 */
export function appliedPrice({
  priceId: id,
  priceFacts,
}: Pick<CallEntity, 'priceId' | 'priceFacts'>): AppliedPrice | undefined {
  if (id === null) return undefined;
  const { override } = priceFacts ?? {};
  if (override !== undefined) {
    const [from, source, checked] = override;
    return { id, from, source, checked, isOverride: true };
  }
  const row = ownRow(id);
  if (row === undefined) return { id, from: null, source: null, checked: null, isOverride: true };
  return { id, from: row.from ?? null, source: row.source, checked: row.checked ?? null, isOverride: false };
}
