import { Dialect } from '../config/operator-provider';
import { UnpricedReason } from './cost';
import { Decimal, ONE } from './decimal';
import { decimalOf, Price, TokenRates } from './price';
import { Served, TokenCounts } from './usage';
import { PricedProvider, STANDARD_REGIONS, STANDARD_TIERS, VENDOR_RULES } from './vendor-rules';

/** The rates of a part of a call as it was served, and the factors on them. */
export interface ServedPrice {
  readonly rates: TokenRates;
  readonly factors: readonly Decimal[];
}

/** Applies the service tier, the speed, the region and the size of a part to its price, or says which one has no price. */
export function servedPrice(
  price: Price,
  served: Served,
  part: TokenCounts,
  provider: PricedProvider,
): ServedPrice | UnpricedReason {
  const { serviceTiers, regions } = factorsOf(price, provider.dialect);
  const tier = served.serviceTier?.toLowerCase() ?? 'standard';
  const tierFactor = factorOf(tier, STANDARD_TIERS, serviceTiers);
  if (tierFactor === undefined) return 'service_tier';
  const region = served.inferenceGeo?.toLowerCase() ?? 'global';
  // a model without regional prices has one price everywhere
  const regionFactor = Object.keys(regions).length === 0 ? ONE : factorOf(region, STANDARD_REGIONS, regions);
  if (regionFactor === undefined) return 'region';
  const rates = tier !== 'batch' && served.speed === 'fast' ? price.fast : sizedRates(price, part);
  return rates === undefined ? 'speed' : { rates, factors: [tierFactor, regionFactor] };
}

/** Returns the factors on the tokens of a row, the vendor's included. */
export function factorsOf(
  { row }: Price,
  dialect: Dialect,
): Pick<(typeof VENDOR_RULES)[Dialect], 'serviceTiers' | 'regions'> {
  const { serviceTiers, regions } = VENDOR_RULES[dialect];
  return { serviceTiers: { ...serviceTiers, ...row.service_tiers }, regions: row.regions ?? regions };
}

function factorOf(
  name: string,
  standard: readonly string[],
  factors: Readonly<Record<string, string>>,
): Decimal | undefined {
  const factor = Object.hasOwn(factors, name) ? factors[name] : undefined;
  if (factor !== undefined) return decimalOf(factor);
  return standard.includes(name) ? ONE : undefined;
}

function sizedRates({ rates, longContext }: Price, part: TokenCounts): TokenRates {
  const input = part.input + part.cacheRead + part.cacheWrite5m + part.cacheWrite1h;
  return longContext !== undefined && input > longContext.above ? longContext.rates : rates;
}
