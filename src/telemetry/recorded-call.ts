import { CallRow } from '../metering/call-row';
import { SpanCall } from './call-span';

/** Returns what a span says of a call that is on its way to the ledger. */
export function recordedCall(row: CallRow): SpanCall {
  return {
    id: row.id,
    at: new Date(row.at),
    ms: row.ms,
    userId: row.user_id,
    orgId: row.org_id,
    provider: row.provider,
    endpoint: row.endpoint,
    requestedModel: row.requested_model,
    model: row.model,
    status: row.status,
    outcome: row.outcome,
    usageState: row.usage_state,
    inputTokens: row.input_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWrite5mTokens: row.cache_write_5m_tokens,
    cacheWrite1hTokens: row.cache_write_1h_tokens,
    outputTokens: row.output_tokens,
    costNanoUsd: row.cost_nano_usd,
    agentSessionId: row.agent_session_id,
    agentId: row.agent_id,
    messageId: row.message_id,
    stopReason: row.stop_reason,
  };
}
