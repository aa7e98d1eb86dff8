import { CallEntity } from './call.entity';
import { Price } from './price';
import { shown } from './shown';
import { TokenCounts, Usage, UsagePart } from './usage';

/** A part of a call: its model, then its tokens in the order of the columns. */
type StoredPart = readonly [string | null, number, number, number, number, number];

/** What is kept of a row of the operator's own prices, which may change or go: its first day, its source, and when it was compared. */
type StoredOverride = readonly [from: string | null, source: string, checked: string | null];

/** What a call's price depends on beside its model, tokens and time, as the table holds it. What is usual is left out. */
export interface StoredPriceFacts {
  /** The parts that are billed, when they are more than one, or one of another model than the call's. */
  readonly parts?: readonly StoredPart[];
  readonly tier?: string;
  readonly speed?: string;
  readonly region?: string;
  /** The provider reported the usage and did not bill it. */
  readonly free?: true;
  /** The operator's own price that applied; of the product's own rows the id is enough. */
  readonly override?: StoredOverride | undefined;
}

/** The columns from which a call's cost is computed again. */
type PricedColumns = Pick<
  CallEntity,
  | 'requestedModel'
  | 'model'
  | 'usageState'
  | 'inputTokens'
  | 'cacheReadTokens'
  | 'cacheWrite5mTokens'
  | 'cacheWrite1hTokens'
  | 'outputTokens'
  | 'webSearches'
>;

/** Returns what the table holds of usage and its price; null if there is no usage. */
export function priceFactsOf(
  { state, model, parts, served, isFree }: Usage,
  price: Price | undefined,
): StoredPriceFacts | null {
  if (state === 'none' || state === 'unreadable') return null;
  const { serviceTier, speed, inferenceGeo } = served;
  const isUsual = parts.length <= 1 && parts.every((part) => (part.model ?? model) === model);
  const [tier, fast, region] = [shown(serviceTier), shown(speed), shown(inferenceGeo)];
  const facts = {
    ...(!isUsual && { parts: parts.map(storedPart) }),
    ...(tier !== null && { tier }),
    ...(fast !== null && { speed: fast }),
    ...(region !== null && { region }),
    ...(isFree && { free: true as const }),
  };
  return pricedBy(facts, price);
}

/** Returns facts with the price that applies now. */
export function pricedBy(facts: StoredPriceFacts, price: Price | undefined): StoredPriceFacts {
  return { ...facts, override: price?.isOverride === true ? storedOverride(price) : undefined };
}

function storedOverride({ row: { from, source, checked } }: Price): StoredOverride {
  return [from ?? null, source, checked ?? null];
}

/** Returns the usage of a stored call, as far as its price depends on it. */
export function usageOfFacts(
  call: PricedColumns,
  { parts, tier, speed, region, free }: StoredPriceFacts,
): Usage {
  return {
    state: call.usageState,
    requestedModel: call.requestedModel ?? undefined,
    model: call.model ?? undefined,
    parts: parts?.map(partOf) ?? [{ model: undefined, ...countsOf(call) }],
    thinkingTokens: 0,
    webSearches: call.webSearches,
    served: { serviceTier: tier, speed, inferenceGeo: region },
    isFree: free === true,
    billedUsd: undefined,
    messageId: undefined,
    stopReason: undefined,
    billedOnceKey: undefined,
  };
}

function storedPart(part: UsagePart): StoredPart {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = part;
  return [shown(part.model), input, cacheRead, cacheWrite5m, cacheWrite1h, output];
}

function partOf([model, input, cacheRead, cacheWrite5m, cacheWrite1h, output]: StoredPart): UsagePart {
  return { model: model ?? undefined, input, cacheRead, cacheWrite5m, cacheWrite1h, output };
}

function countsOf(call: PricedColumns): TokenCounts {
  return {
    input: Number(call.inputTokens),
    cacheRead: Number(call.cacheReadTokens),
    cacheWrite5m: Number(call.cacheWrite5mTokens),
    cacheWrite1h: Number(call.cacheWrite1hTokens),
    output: Number(call.outputTokens),
  };
}
