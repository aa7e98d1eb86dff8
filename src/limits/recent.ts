import { LRUCache } from 'lru-cache';

/** The quantile that is taken of recent values. */
const QUANTILE = 0.95;

/** The most recent values of something, by key: the output of a model, the cost of a session's calls. */
export class RecentValues {
  private readonly values: LRUCache<string, number[]>;

  constructor(private readonly options: { readonly maxKeys: number; readonly maxValues: number }) {
    this.values = new LRUCache({ max: options.maxKeys });
  }

  add(key: string, value: number): void {
    const values = this.values.get(key) ?? [];
    values.push(value);
    if (values.length > this.options.maxValues) values.shift();
    this.values.set(key, values);
  }

  /** Returns the 95th percentile of a key's values; undefined if there are fewer than `atLeast`. */
  percentile(key: string, atLeast: number): number | undefined {
    const values = this.values.get(key) ?? [];
    if (values.length < atLeast) return undefined;
    const sorted = [...values].sort((one, other) => one - other);
    return sorted[Math.ceil(sorted.length * QUANTILE) - 1];
  }
}
