import { PriceRates, PriceRow } from '../config/price-row';
import { Decimal, parseDecimal, ZERO } from './decimal';
import { CostCategory } from './cost';
import { TokenCounts } from './usage';

/** The categories of tokens, each with its field in a call's usage. */
export const TOKEN_CATEGORIES = [
  ['input', 'input'],
  ['cache_read', 'cacheRead'],
  ['cache_write_5m', 'cacheWrite5m'],
  ['cache_write_1h', 'cacheWrite1h'],
  ['output', 'output'],
] as const satisfies readonly (readonly [CostCategory, keyof TokenCounts])[];
type TokenCategory = (typeof TOKEN_CATEGORIES)[number][0];

/** The rates of all categories of tokens, in USD for a million. */
export type TokenRates = Readonly<Record<TokenCategory, Decimal>>;

/** A row of the price table in the form that is computed with. */
export interface Price {
  readonly row: PriceRow;
  readonly isOverride: boolean;
  /** The time from which the row applies, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly rates: TokenRates;
  readonly fast: TokenRates | undefined;
  readonly longContext: { readonly above: number; readonly rates: TokenRates } | undefined;
  readonly webSearch: Decimal | undefined;
}

export function priceOf(row: PriceRow, isOverride: boolean): Price {
  const { from, until, fast, long_context: long, web_search: webSearch } = row;
  return {
    row,
    isOverride,
    from: from === undefined ? -Infinity : Date.parse(from),
    until: until === undefined ? Infinity : Date.parse(until),
    rates: ratesOf(row),
    fast: fast && ratesOf(fast),
    longContext: long && { above: long.above, rates: ratesOf(long) },
    webSearch: webSearch === undefined ? undefined : decimalOf(webSearch),
  };
}

/** Completes the rates of a row: a kind of input without a rate of its own has that of the next wider kind. */
function ratesOf({
  input,
  output,
  cache_read,
  cache_write_5m = input,
  cache_write_1h,
}: PriceRates): TokenRates {
  return {
    input: decimalOf(input),
    cache_read: decimalOf(cache_read ?? input),
    cache_write_5m: decimalOf(cache_write_5m),
    cache_write_1h: decimalOf(cache_write_1h ?? cache_write_5m),
    output: decimalOf(output),
  };
}

/** Converts a number that was validated when the row was read. */
export function decimalOf(text: string): Decimal {
  return parseDecimal(text) ?? ZERO;
}
