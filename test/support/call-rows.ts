import { CallRow } from '../../src/metering/call-row';

/** A call without usage; tests add what they are about. */
export const EMPTY_ROW: Omit<CallRow, 'id' | 'at' | 'user_id'> = {
  ...{ org_id: null, proxy_token_id: null, key_source: 'own', provider: 'anthropic', endpoint: 'messages' },
  ...{
    requested_model: null,
    model: 'claude-opus-4-8',
    status: 200,
    outcome: 'completed',
    usage_state: 'none',
  },
  ...{ input_tokens: 0, cache_read_tokens: 0, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0 },
  ...{ output_tokens: 0, thinking_tokens: 0, web_searches: 0 },
  ...{ cost_nano_usd: null, cost_lines: null, price_id: null, price_facts: null, once_key: null },
  ...{ agent_session_id: null, agent_id: null, parent_agent_id: null, client: null },
  ...{ upstream_request_id: null, message_id: null, stop_reason: null },
  ...{ ms_to_first_byte: null, ms: 1, request_bytes: 0, response_bytes: 0 },
  ...{ request_sha256: null, response_sha256: null },
};

/** Returns a measured call of now. */
export function callRow(row: Partial<CallRow> & Pick<CallRow, 'id' | 'user_id'>): CallRow {
  return { ...EMPTY_ROW, at: new Date().toISOString(), usage_state: 'measured', ...row };
}
