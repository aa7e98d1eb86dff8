import { countIn, JsonObject, objectIn } from './json';
import { TokenCounts } from './usage';

/** The input of a call, cached tokens apart. */
export interface InputCounts {
  readonly counts: Omit<TokenCounts, 'output'>;
  /** False if the numbers contradict each other. */
  readonly isKnown: boolean;
}

/** Reads the input of a usage whose sum includes the tokens read from a cache, and those written to one. */
export function inclusiveInput(usage: JsonObject | undefined, sum: string, details: string): InputCounts {
  const detail = objectIn(usage, details);
  return withoutCached(
    countIn(usage, sum) ?? 0,
    countIn(detail, 'cached_tokens') ?? 0,
    countIn(detail, 'cache_write_tokens') ?? 0,
  );
}

/** Subtracts the cached tokens from the sum. If there are more of them, the sum can't include them, and stays as it is. */
export function withoutCached(sum: number, cacheRead: number, cacheWrite5m: number): InputCounts {
  const isKnown = cacheRead + cacheWrite5m <= sum;
  const input = isKnown ? sum - cacheRead - cacheWrite5m : sum;
  return { counts: { input, cacheRead, cacheWrite5m, cacheWrite1h: 0 }, isKnown };
}
