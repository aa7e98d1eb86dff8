/** Rates in USD for a million tokens, as exact decimal numbers. A rate that is left out is that of the next wider kind of input. */
export interface PriceRates {
  readonly input: string;
  readonly output: string;
  /** The rate of `input` when omitted. */
  readonly cache_read?: string;
  /** The rate of `input` when omitted. */
  readonly cache_write_5m?: string;
  /** The rate of `cache_write_5m` when omitted. */
  readonly cache_write_1h?: string;
}

/** A row of the price table: what a model costs in a period, as it stands in a file (docs/metering.md). */
export interface PriceRow extends PriceRates {
  /** Identifies the row in the calls that were priced with it. */
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** Other names of the model. A `*` at the end stands for a release's suffix: a date, `-latest`, `-preview`, `-001`. */
  readonly aliases?: readonly string[];
  /** The day (UTC) from which the row applies; always when omitted. */
  readonly from?: string;
  /** The day (UTC) from which the row no longer applies. */
  readonly until?: string;
  /** USD for a thousand web searches; calls with searches have no cost when it is omitted. */
  readonly web_search?: string;
  /** The rates of a request with more than `above` tokens of input, those of a cache included. */
  readonly long_context?: PriceRates & { readonly above: number };
  /** The rates of a fast mode. */
  readonly fast?: PriceRates;
  /** The factors on the rates of tokens by service tier, in addition to the vendor's usual ones. */
  readonly service_tiers?: Readonly<Record<string, string>>;
  /** The factors on the rates of tokens by region of inference, instead of the vendor's usual ones. */
  readonly regions?: Readonly<Record<string, string>>;
  /** Where the price is from. */
  readonly source: string;
  /** The day on which somebody compared the row with its source. */
  readonly checked?: string;
}

/** The operator's prices and factors. */
export interface PriceOverrides {
  /** The factor on all prices of a provider by its id; `*` for those that have none. */
  readonly multipliers: Readonly<Record<string, string>>;
  readonly rows: readonly PriceRow[];
}

export const NO_OVERRIDES: PriceOverrides = { multipliers: {}, rows: [] };
