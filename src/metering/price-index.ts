import { PriceRow } from '../config/price-row';
import { isReleaseOf, ModelNames } from './model-names';
import { Price, priceOf } from './price';

/** The rows of one table, found by provider, name and time. */
export class PriceIndex {
  readonly prices: readonly Price[];
  private readonly byName = new Map<string, Price[]>();
  /** The names that end in `*`, without it, by provider; the longest ones first. */
  private readonly releases = new Map<string, [name: string, price: Price][]>();

  constructor(rows: readonly PriceRow[], isOverride: boolean) {
    this.prices = rows.map((row) => priceOf(row, isOverride));
    for (const price of this.prices) {
      const { model, aliases = [] } = price.row;
      for (const name of [model, ...aliases]) this.add(price, name.toLowerCase());
    }
    for (const names of this.releases.values()) names.sort(([one], [other]) => other.length - one.length);
  }

  /** Finds the row of a model at a time: by its exact names, without its date, as a release of a row with a `*`. */
  find(provider: string, { exact, undated }: ModelNames, at: number): Price | undefined {
    const names = undated === undefined ? exact : [...exact, undated];
    for (const name of names) {
      const price = this.byName.get(keyOf(provider, name))?.find((one) => isInForce(one, at));
      if (price !== undefined) return price;
    }
    return this.releases
      .get(provider)
      ?.find(([name, price]) => isInForce(price, at) && exact.some((model) => isReleaseOf(model, name)))?.[1];
  }

  private add(price: Price, name: string): void {
    const { provider } = price.row;
    if (name.endsWith('*')) append(this.releases, provider, [name.slice(0, -1), price]);
    else append(this.byName, keyOf(provider, name), price);
  }
}

export function isInForce({ from, until }: Price, at: number): boolean {
  return from <= at && at < until;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function keyOf(provider: string, name: string): string {
  return `${provider}\n${name}`;
}
