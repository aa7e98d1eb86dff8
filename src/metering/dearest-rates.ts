import { Decimal, formatDecimal } from './decimal';
import { Price, TokenRates } from './price';
import { PricedProvider, VENDOR_RULES, vendorOf } from './vendor-rules';

/** The most that tokens can cost, in billionths of a US dollar for one. */
export interface DearestRates {
  readonly input: number;
  readonly output: number;
}

/** USD for a million tokens, in billionths of a dollar for one. */
const NANO_PER_TOKEN = 1_000;
/** The part of a vendor's models that are cheaper than an unknown one is taken to be: a few cost a hundred times the others. */
const QUANTILE = 0.9;
/** The vendor whose prices stand in for those of providers without any. */
const FALLBACK = 'anthropic';

/** Returns the dearest rates of a price: the dearest kind of input, a long context, a fast mode, tiers and regions. */
export function dearestRates(
  { row, rates, fast, longContext }: Price,
  provider: PricedProvider,
): DearestRates {
  const rules = VENDOR_RULES[provider.dialect];
  const all = [rates, ...(fast ? [fast] : []), ...(longContext ? [longContext.rates] : [])];
  const factor =
    largest({ ...rules.serviceTiers, ...row.service_tiers }) * largest(row.regions ?? rules.regions);
  return {
    input: Math.max(...all.flatMap(inputRates)) * factor * NANO_PER_TOKEN,
    output: Math.max(...all.map(({ output }) => numberOf(output))) * factor * NANO_PER_TOKEN,
  };
}

/** Returns the rates of one of the dearer models of a vendor, for a model that has no price. */
export function dearRatesOfUnknown(prices: readonly Price[], provider: PricedProvider): DearestRates {
  const of = (vendor: string): DearestRates[] =>
    prices
      .filter(({ row }) => row.provider === vendor)
      .map((price) => dearestRates(price, provider))
      .sort((one, other) => one.output - other.output);
  const own = of(vendorOf(provider));
  const known = own.length > 0 ? own : of(FALLBACK);
  return known[Math.floor((known.length - 1) * QUANTILE)] ?? { input: 0, output: 0 };
}

function inputRates({ input, cache_write_5m, cache_write_1h }: TokenRates): number[] {
  return [input, cache_write_5m, cache_write_1h].map(numberOf);
}

/** Returns the largest of some factors; 1 if none is larger. */
function largest(factors: Readonly<Record<string, string>>): number {
  return Math.max(1, ...Object.values(factors).map(Number));
}

function numberOf(decimal: Decimal): number {
  return Number(formatDecimal(decimal));
}
