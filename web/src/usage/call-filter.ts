import type { CallsQuery } from './queries';
import { OUTCOME_WORDS, USAGE_WORDS } from './call-words';

/** The filters of the list of calls, by their names in the address and in the API. */
export const FILTERS = ['model', 'provider', 'outcome', 'usage_state', 'token', 'session', 'person'] as const;
export type FilterName = (typeof FILTERS)[number];
export type CallFilter = Pick<CallsQuery, FilterName>;

/** Reads the filters of an address; an outcome or a state that there is not means any. */
export function readFilter(query: URLSearchParams): CallFilter {
  const read = Object.fromEntries(
    FILTERS.map((name) => [name, query.get(name)]).filter(([, value]) => value !== null && value !== ''),
  ) as CallFilter;
  if (!((read.outcome ?? '') in OUTCOME_WORDS)) delete read.outcome;
  if (!((read.usage_state ?? '') in USAGE_WORDS)) delete read.usage_state;
  return read;
}
