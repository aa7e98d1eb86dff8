import { CallEntity } from '../metering/call.entity';
import { usdOf } from '../metering/decimal';
import { UsageSumsDto } from '../metering/usage-sums.dto';

/** Adds calls up, exactly. */
export function sumsOf(calls: readonly CallEntity[]): UsageSumsDto {
  const tokens = (column: (call: CallEntity) => string) =>
    Number(calls.reduce((sum, call) => sum + BigInt(column(call)), 0n));
  const count = (isCounted: (call: CallEntity) => boolean) => calls.filter(isCounted).length;
  const cost = calls.reduce((sum, { costNanoUsd }) => sum + BigInt(costNanoUsd ?? 0), 0n);
  return {
    calls: calls.length,
    input_tokens: tokens(({ inputTokens }) => inputTokens),
    cache_read_tokens: tokens(({ cacheReadTokens }) => cacheReadTokens),
    cache_write_5m_tokens: tokens(({ cacheWrite5mTokens }) => cacheWrite5mTokens),
    cache_write_1h_tokens: tokens(({ cacheWrite1hTokens }) => cacheWrite1hTokens),
    output_tokens: tokens(({ outputTokens }) => outputTokens),
    cost_usd: usdOf(cost),
    estimated_calls: count(({ usageState }) => usageState === 'estimated'),
    unreadable_calls: count(({ usageState }) => usageState === 'unreadable'),
    unpriced_calls: count(
      ({ usageState, costNanoUsd }) => costNanoUsd === null && ['measured', 'estimated'].includes(usageState),
    ),
  };
}
