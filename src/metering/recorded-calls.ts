import { UsageState } from './usage';

/** The columns of the ledger with tokens. They are disjoint. */
export const TOKEN_COLUMNS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
] as const;

/** The sums of the calls of one provider, model and usage state that one statement has added to the ledger. */
export type RecordedCalls = Readonly<Record<(typeof TOKEN_COLUMNS)[number], number>> & {
  readonly provider: string;
  /** The model that answered, or else the one that the requests named. */
  readonly model: string | null;
  /** Whether the model has answered one of them: a request may name any. */
  readonly has_answered: boolean;
  readonly usage_state: UsageState;
  readonly calls: number;
  readonly cost_usd: number;
  readonly unpriced_calls: number;
};
