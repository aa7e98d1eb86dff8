import { Cost, CostLine, Unpriced } from './cost';
import { Decimal, formatDecimal, inUnits, parseDecimal, product, ZERO } from './decimal';
import { Price, TOKEN_CATEGORIES } from './price';
import { PriceTable } from './price-table';
import { servedPrice } from './served-price';
import { Usage, UsagePart } from './usage';
import { PricedProvider } from './vendor-rules';

const NANO = 9;
/** Rates are for 10^6 tokens and for 10^3 searches. */
const TOKENS = 6;
const SEARCHES = 3;

/** The call whose cost is computed. */
interface Call {
  readonly usage: Usage;
  readonly provider: PricedProvider;
  readonly at: number;
  readonly table: PriceTable;
}

/** Computes what a call cost at the prices of its time. If a part of the price is not known, the whole cost is not. */
export function costOf(usage: Usage, provider: PricedProvider, at: Date, table: PriceTable): Cost | Unpriced {
  if (usage.state === 'unreadable' || !isCountable(usage))
    return { reason: 'unreadable', model: usage.model };
  const billed = usage.billedUsd === undefined ? undefined : parseDecimal(usage.billedUsd);
  if (billed !== undefined) return reported(usage, billed);
  const call = { usage, provider, at: at.getTime(), table };
  const lines: CostLine[] = [];
  for (const part of usage.parts.filter(isUsed)) {
    const found = linesOfPart(part, call);
    if ('reason' in found) return found;
    lines.push(...found);
  }
  const searches = linesOfSearches(call);
  if ('reason' in searches) return searches;
  lines.push(...searches);
  const price = lines.length === 0 ? undefined : findPrice(mainModel(usage), call);
  return { lines, nanoUsd: sumOf(lines), price };
}

/** What the provider itself says that it bills. */
function reported({ model, requestedModel }: Usage, billed: Decimal): Cost {
  const nanoUsd = inUnits(billed, NANO);
  const what = { category: 'reported', model: model ?? requestedModel, quantity: 1 } as const;
  return {
    lines: [{ ...what, usdPerUnit: undefined, multiplier: '1', nanoUsd }],
    nanoUsd,
    price: undefined,
  };
}

function linesOfPart(part: UsagePart, call: Call): CostLine[] | Unpriced {
  const { usage, provider, table } = call;
  const model = part.model ?? mainModel(usage);
  const price = findPrice(model, call);
  const used = TOKEN_CATEGORIES.filter(([, field]) => part[field] > 0);
  const line = (category: CostLine['category'], quantity: number, rate?: Decimal, factor = ZERO): CostLine =>
    lineOf({ category, model, quantity }, TOKENS, rate, factor);
  if (usage.isFree)
    return used.map(([category, field]) => line(category, part[field], price?.rates[category]));
  if (price === undefined) return { reason: 'model', model };
  const served = servedPrice(price, usage.served, part, provider);
  if (typeof served === 'string') return { reason: served, model };
  const factor = product([...served.factors, table.multiplierOf(provider.id)]);
  return used.map(([category, field]) => line(category, part[field], served.rates[category], factor));
}

function linesOfSearches(call: Call): CostLine[] | Unpriced {
  const { usage, provider, table } = call;
  if (usage.webSearches === 0) return [];
  const model = mainModel(usage);
  const price = findPrice(model, call);
  const what = { category: 'web_search', model, quantity: usage.webSearches } as const;
  if (usage.isFree) return [lineOf(what, SEARCHES, price?.webSearch, ZERO)];
  if (price === undefined) return { reason: 'model', model };
  if (price.webSearch === undefined) return { reason: 'web_search', model };
  return [lineOf(what, SEARCHES, price.webSearch, table.multiplierOf(provider.id))];
}

/** @param unit the power of ten of what the rate is for. */
function lineOf(
  { category, model, quantity }: Pick<CostLine, 'category' | 'model' | 'quantity'>,
  unit: number,
  rate: Decimal | undefined,
  factor: Decimal,
): CostLine {
  const amount = product([{ digits: BigInt(quantity), scale: unit }, rate ?? ZERO, factor]);
  const usdPerUnit = rate === undefined ? undefined : formatDecimal(rate);
  const [multiplier, nanoUsd] = [formatDecimal(factor), inUnits(amount, NANO)];
  return { category, model, quantity, usdPerUnit, multiplier, nanoUsd };
}

function findPrice(model: string | undefined, { provider, at, table }: Call): Price | undefined {
  return model === undefined ? undefined : table.find(provider, model, at);
}

function mainModel({ model, requestedModel, parts }: Usage): string | undefined {
  return model ?? parts[0]?.model ?? requestedModel;
}

function sumOf(lines: readonly CostLine[]): bigint {
  return lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
}

/** A part without any tokens costs nothing at any price. */
function isUsed(part: UsagePart): boolean {
  return TOKEN_CATEGORIES.some(([, field]) => part[field] > 0);
}

/** Returns whether all numbers are ones that something can be counted with. */
function isCountable({ parts, webSearches }: Usage): boolean {
  return (
    isCount(webSearches) && parts.every((part) => TOKEN_CATEGORIES.every(([, field]) => isCount(part[field])))
  );
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
