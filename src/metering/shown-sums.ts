import { usdOf } from './decimal';
import { CallSums } from './call-sums';
import { TokenColumns } from './token-columns';
import { UsageSums } from './usage.service';

/** Returns sums as they are shown: tokens as numbers, the cost as an exact decimal number of dollars. */
export function shownSums({ cost_nano_usd, ...sums }: UsageSums) {
  return {
    calls: sums.calls,
    input_tokens: Number(sums.input_tokens),
    cache_read_tokens: Number(sums.cache_read_tokens),
    cache_write_5m_tokens: Number(sums.cache_write_5m_tokens),
    cache_write_1h_tokens: Number(sums.cache_write_1h_tokens),
    output_tokens: Number(sums.output_tokens),
    cost_usd: usdOf(BigInt(cost_nano_usd)),
    estimated_calls: sums.estimated_calls,
    unreadable_calls: sums.unreadable_calls,
    unpriced_calls: sums.unpriced_calls,
  };
}

/** Returns the tokens of a row as they are shown. */
export function shownTokens(row: TokenColumns) {
  return {
    input_tokens: Number(row.inputTokens),
    cache_read_tokens: Number(row.cacheReadTokens),
    cache_write_5m_tokens: Number(row.cacheWrite5mTokens),
    cache_write_1h_tokens: Number(row.cacheWrite1hTokens),
    output_tokens: Number(row.outputTokens),
  };
}

/** Returns the sums in a row as they are shown. */
export function shownCallSums(row: CallSums) {
  return {
    calls: row.calls,
    ...shownTokens(row),
    cost_usd: usdOf(BigInt(row.costNanoUsd)),
    estimated_calls: row.estimatedCalls,
    unreadable_calls: row.unreadableCalls,
    unpriced_calls: row.unpricedCalls,
  };
}
