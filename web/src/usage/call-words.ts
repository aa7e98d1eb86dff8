import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Call = Schemas['CallDto'];
type Category = Schemas['CostLineDto']['category'];

export const OUTCOME_WORDS: Record<Call['outcome'], string> = {
  completed: 'Completed',
  client_aborted: 'Client left',
  upstream_failed: 'Broke off',
  rejected: 'Rejected',
};

export const USAGE_WORDS: Record<Call['usage_state'], { readonly label: string; readonly means: string }> = {
  measured: { label: 'Measured', means: 'The provider said it.' },
  estimated: {
    label: 'Estimated',
    means: 'The answer broke off before the provider said the final count. This is the least that was used.',
  },
  unreadable: {
    label: 'Unreadable',
    means: 'The answer could not be read, so what it used and cost is not known.',
  },
  none: { label: 'No usage', means: 'A request of this kind uses no tokens, or the provider refused it.' },
};

const CATEGORY_WORDS: Record<Category, string> = {
  input: 'Input, uncached',
  cache_read: 'Read from cache',
  cache_write_5m: 'Written to cache, 5 min.',
  cache_write_1h: 'Written to cache, 1 hour',
  output: 'Output',
  web_search: 'Web searches',
  reported: 'As the provider billed it',
};

export function categoryInWords(category: Category): string {
  return CATEGORY_WORDS[category];
}

/** Whether the provider, or the way there, did not do what was requested. A client that left is no failure. */
export function hasFailed({ status, outcome }: Pick<Call, 'status' | 'outcome'>): boolean {
  return outcome === 'upstream_failed' || outcome === 'rejected' || (status !== null && status >= 400);
}

/** What became of a call, in a word or two: its status if it was answered to the end. */
export function resultOf({ status, outcome }: Pick<Call, 'status' | 'outcome'>): string {
  if (outcome === 'completed' && status !== null) return `${status}`;
  return OUTCOME_WORDS[outcome];
}

/** What stands in place of a call's cost, or beside it; undefined where the cost is all there is to say. */
export function costNote({
  cost_usd,
  usage_state,
}: Pick<Call, 'cost_usd' | 'usage_state'>): string | undefined {
  if (usage_state === 'unreadable') return 'unreadable';
  if (usage_state === 'none') return undefined;
  if (cost_usd === null) return 'unpriced';
  return usage_state === 'estimated' ? 'estimated' : undefined;
}

/** Returns a duration in the two largest units that say something: 870 ms, 12.3 s, 4 min 10 s, 2 h 5 min, 3 d 4 h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
