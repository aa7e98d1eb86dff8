import { KeySource, Outcome } from '../exchange/facts';
import { CostColumns } from './cost-columns';
import { StoredPriceFacts } from './price-facts';
import { UsageState } from './usage';

/**
 * A finished call on its way to the ledger, as it stands in the spool's lines and in the parameter of the statement that
 * inserts it. It holds nothing of what was said.
 */
export interface CallRow extends CostColumns {
  readonly id: string;
  /** The time when the request came in, in ISO 8601. */
  readonly at: string;
  readonly user_id: string;
  readonly org_id: string | null;
  readonly proxy_token_id: string | null;
  readonly key_source: KeySource | null;
  readonly provider: string;
  readonly endpoint: string;
  readonly requested_model: string | null;
  readonly model: string | null;
  readonly status: number | null;
  readonly outcome: Outcome;
  readonly usage_state: UsageState;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_5m_tokens: number;
  readonly cache_write_1h_tokens: number;
  readonly output_tokens: number;
  readonly thinking_tokens: number;
  readonly web_searches: number;
  readonly price_facts: StoredPriceFacts | null;
  readonly agent_session_id: string | null;
  readonly agent_id: string | null;
  readonly parent_agent_id: string | null;
  readonly client: string | null;
  readonly upstream_request_id: string | null;
  readonly message_id: string | null;
  readonly stop_reason: string | null;
  readonly ms_to_first_byte: number | null;
  readonly ms: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  /** The SHA-256 of the bytes that have passed, as `\\x` and hexadecimal digits; null unless their content was to be kept. */
  readonly request_sha256: string | null;
  readonly response_sha256: string | null;
  /** The key of usage that is billed once, however often it is reported; null for any other. */
  readonly once_key: string | null;
}

/** The columns of a row with their types in PostgreSQL, in the order of the table. */
export const CALL_COLUMNS = {
  id: 'text',
  at: 'timestamptz',
  user_id: 'uuid',
  org_id: 'uuid',
  proxy_token_id: 'uuid',
  key_source: 'text',
  provider: 'text',
  endpoint: 'text',
  requested_model: 'text',
  model: 'text',
  status: 'smallint',
  outcome: 'text',
  usage_state: 'text',
  input_tokens: 'bigint',
  cache_read_tokens: 'bigint',
  cache_write_5m_tokens: 'bigint',
  cache_write_1h_tokens: 'bigint',
  output_tokens: 'bigint',
  thinking_tokens: 'bigint',
  web_searches: 'integer',
  cost_nano_usd: 'bigint',
  cost_lines: 'jsonb',
  price_id: 'text',
  price_facts: 'jsonb',
  agent_session_id: 'text',
  agent_id: 'text',
  parent_agent_id: 'text',
  client: 'text',
  upstream_request_id: 'text',
  message_id: 'text',
  stop_reason: 'text',
  ms_to_first_byte: 'integer',
  ms: 'integer',
  request_bytes: 'bigint',
  response_bytes: 'bigint',
  request_sha256: 'bytea',
  response_sha256: 'bytea',
} as const satisfies Record<keyof Omit<CallRow, 'once_key'>, string>;
