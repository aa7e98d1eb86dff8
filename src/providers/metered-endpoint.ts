/** The names of endpoints in the ledger. */
export const ENDPOINTS = [
  'messages',
  'count_tokens',
  'files',
  'batches.results',
  'responses',
  'chat.completions',
  'completions',
  'embeddings',
  'generate_content',
  'other',
] as const;
export type EndpointName = (typeof ENDPOINTS)[number];

/** The formats in which responses report usage; `none` for endpoints that are free. */
export type UsageFormat =
  'messages' | 'batch_results' | 'responses' | 'chat_completions' | 'generate_content' | 'none';

/** An endpoint of a provider's API whose calls are named in the ledger. All others are `other`, and have no usage. */
export interface MeteredEndpoint {
  readonly method: 'GET' | 'POST';
  /**
   * Matches the whole path below the provider's prefix, without a query. The group `model` is the model that the path
   * names, the group `batch` the id of the batch.
   */
  readonly path: RegExp;
  readonly endpoint: EndpointName;
  readonly format: UsageFormat;
  /** Whether the provider itself says what it bills, in `usage.cost`. */
  readonly reportsCost?: boolean;
}
