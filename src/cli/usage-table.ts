import { dollars, tokens } from './amounts';
import { Column, table } from './table';

/** The sums of calls, as the API names them. */
export interface Sums {
  readonly calls: number;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_5m_tokens: number;
  readonly cache_write_1h_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: string;
  readonly estimated_calls: number;
  readonly unreadable_calls: number;
  readonly unpriced_calls: number;
}

/** The sums of a group, with what stands for it in the table. */
export interface NamedSums {
  readonly names: readonly string[];
  readonly sums: Sums;
}

/** Formats sums as a table of at most 100 terminal columns, with the total last if it says more than the rows. */
export function usageTable(titles: readonly string[], groups: readonly NamedSums[], total: Sums): string[] {
  const columns: Column[] = [
    ...titles.map((title) => ({ title: title.toUpperCase(), max: titles.length > 1 ? 18 : 38 })),
    ...['CALLS', 'INPUT', 'CACHE READ', 'CACHE WRITE', 'OUTPUT', 'COST'].map((title) => ({
      title,
      max: 12,
      isNumber: true,
    })),
  ];
  const last = { names: titles.map((_, at) => (at === 0 ? 'total' : '')), sums: total };
  const rows = groups.length === 1 ? groups : [...groups, last];
  return table(
    columns,
    rows.map(({ names, sums }) => [...names, ...cellsOf(sums)]),
  );
}

function cellsOf(sums: Sums): string[] {
  return [
    tokens(sums.calls),
    tokens(sums.input_tokens),
    tokens(sums.cache_read_tokens),
    tokens(sums.cache_write_5m_tokens + sums.cache_write_1h_tokens),
    tokens(sums.output_tokens),
    costOf(sums),
  ];
}

/** Formats a cost that is known in part only as such, and one that is not known at all never as zero. */
function costOf({ cost_usd, ...sums }: Sums): string {
  const missing = sums.unreadable_calls + sums.unpriced_calls;
  if (missing > 0 && Number(cost_usd) === 0) return 'unknown';
  return dollars(cost_usd) + (missing + sums.estimated_calls > 0 ? '+' : '');
}

/** Returns what the sums don't tell, in lines: calls whose cost is a floor or not known. */
export function remarksOn(sums: Uncertain): string[] {
  const { estimated_calls: estimated, unreadable_calls: unreadable, unpriced_calls: unpriced } = sums;
  const lines = [
    ...(unpriced > 0 ? [`${callsOf(unpriced)} of models without a price: not in the cost.`] : []),
    ...(unreadable > 0 ? [`${callsOf(unreadable)} could not be read: not in the tokens and the cost.`] : []),
    ...(estimated > 0 ? [`${callsOf(estimated)} broke off: in it with what is known of them, a floor.`] : []),
  ];
  return lines.length === 0 ? [] : [...lines, 'A cost with a + is at least that.'];
}

type Uncertain = Pick<Sums, 'estimated_calls' | 'unreadable_calls' | 'unpriced_calls'>;

function callsOf(count: number): string {
  return `${count} ${count === 1 ? 'call' : 'calls'}`;
}
