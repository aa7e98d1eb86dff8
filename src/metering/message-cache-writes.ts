import { countIn, JsonObject, objectIn } from './json';

/** The tokens that were written to caches, by how long these keep them. */
export interface CacheWrites {
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** False if the provider said the sum alone, and the halves are a guess. */
  readonly isKnown: boolean;
}

/**
 * Splits the tokens written to caches. The sum can be newer than its split, which comes in a stream's first event alone.
 * @param inherited the usage whose split applies in proportion to one that has none of its own.
 */
export function cacheWrites(usage: JsonObject, inherited?: JsonObject): CacheWrites {
  const total = countIn(usage, 'cache_creation_input_tokens');
  const own = halvesOf(usage);
  if (own !== undefined) return split(total, own, false);
  const others = inherited === undefined ? undefined : halvesOf(inherited);
  if (others === undefined || total === undefined) return allIn5m(total ?? 0, true);
  const { short = 0, long = 0 } = others;
  return short + long === 0 ? allIn5m(total, true) : split(total, { short, long }, true);
}

interface Halves {
  readonly short: number | undefined;
  readonly long: number | undefined;
}

function halvesOf(usage: JsonObject): Halves | undefined {
  const creation = objectIn(usage, 'cache_creation');
  const short = countIn(creation, 'ephemeral_5m_input_tokens');
  const long = countIn(creation, 'ephemeral_1h_input_tokens');
  return short === undefined && long === undefined ? undefined : { short, long };
}

/** @param isRatio whether the halves are a proportion, which is certain if one of them is all. */
function split(total: number | undefined, { short, long }: Halves, isRatio: boolean): CacheWrites {
  const sum = (short ?? 0) + (long ?? 0);
  if (total === undefined || total === sum)
    return { cacheWrite5m: short ?? 0, cacheWrite1h: long ?? 0, isKnown: true };
  if (total > sum && (short === undefined || long === undefined))
    return { cacheWrite5m: short ?? total - sum, cacheWrite1h: long ?? total - sum, isKnown: true };
  if (sum === 0) return allIn5m(total, false);
  const cacheWrite1h = Math.round((total * (long ?? 0)) / sum);
  const isOneKind = short === 0 || long === 0;
  return { cacheWrite5m: total - cacheWrite1h, cacheWrite1h, isKnown: isOneKind && (isRatio || total < sum) };
}

function allIn5m(total: number, isKnown: boolean): CacheWrites {
  return { cacheWrite5m: total, cacheWrite1h: 0, isKnown };
}
