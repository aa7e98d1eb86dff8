import { BUILT_IN_DIALECTS } from '../config/operator-provider';
import { NO_OVERRIDES, PriceOverrides, PriceRow } from '../config/price-row';
import { readPriceRows } from '../config/price-rows';
import { Decimal, ONE } from './decimal';
import { modelNames } from './model-names';
import { decimalOf, Price } from './price';
import { isInForce, PriceIndex } from './price-index';
import { prices as LIST } from './price-table.json';
import { PricedProvider, vendorOf } from './vendor-rules';

/** The product's own rows, which a test holds to be free of errors. */
const OWN = new PriceIndex(
  readPriceRows(LIST, { providers: [...BUILT_IN_DIALECTS.keys()], idPrefix: '', source: '' }).rows,
  false,
);

const OWN_BY_ID = new Map(OWN.prices.map(({ row }) => [row.id, row]));

/** Returns a row of the product by its id; undefined if it has none. */
export function ownRow(id: string): PriceRow | undefined {
  return OWN_BY_ID.get(id);
}

/** The prices in force: the operator's and, where they have none, the product's. */
export class PriceTable {
  private readonly overrides: PriceIndex;
  private readonly multipliers: ReadonlyMap<string, Decimal>;

  constructor({ rows, multipliers }: PriceOverrides = NO_OVERRIDES) {
    this.overrides = new PriceIndex(rows, true);
    this.multipliers = new Map(Object.entries(multipliers).map(([id, factor]) => [id, decimalOf(factor)]));
  }

  /** Finds the price of a model that a provider served at a time, in milliseconds since 1970. */
  find(provider: PricedProvider, model: string, at: number): Price | undefined {
    const names = modelNames(model, provider.dialect);
    return this.overrides.find(provider.id, names, at) ?? OWN.find(vendorOf(provider), names, at);
  }

  /** Returns the factor of the operator's contract with a provider. */
  multiplierOf(providerId: string): Decimal {
    return this.multipliers.get(providerId) ?? this.multipliers.get('*') ?? ONE;
  }

  /** Lists the rows that apply at a time; those of the product that the operator has replaced are left out. */
  inForce(at: number): Price[] {
    const overrides = this.overrides.prices.filter((price) => isInForce(price, at));
    const replaced = new Set(overrides.map(({ row }) => `${row.provider}\n${row.model}`));
    const own = OWN.prices.filter(
      (price) => isInForce(price, at) && !replaced.has(`${price.row.provider}\n${price.row.model}`),
    );
    return [...overrides, ...own];
  }
}
