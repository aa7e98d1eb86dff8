import { cacheHitRate, costOf, tokensOf, toSeries, unsure, type Sums } from './sums';

const SUMS: Sums = {
  calls: 3,
  input_tokens: 100,
  cache_read_tokens: 800,
  cache_write_5m_tokens: 60,
  cache_write_1h_tokens: 40,
  output_tokens: 500,
  cost_usd: '1.25',
  estimated_calls: 0,
  unreadable_calls: 0,
  unpriced_calls: 0,
};

describe('the sums of calls', () => {
  it('have each token once, and the part of the input that came from a cache', () => {
    expect(tokensOf(SUMS)).toBe(1500);
    expect(cacheHitRate(SUMS)).toBe(0.8);
    expect(
      cacheHitRate({
        ...SUMS,
        input_tokens: 0,
        cache_read_tokens: 0,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: 0,
      }),
    ).toBeNull();
  });

  it.each<[Partial<Sums>, number | null, string | undefined]>([
    [{}, 1.25, undefined],
    [{ cost_usd: '0' }, 0, undefined],
    [{ cost_usd: '0', unpriced_calls: 3 }, null, '3 unpriced'],
    [{ cost_usd: '0', unreadable_calls: 1 }, null, '1 unreadable'],
    [
      { unpriced_calls: 1, unreadable_calls: 2, estimated_calls: 4 },
      1.25,
      '1 unpriced, 2 unreadable, 4 estimated',
    ],
  ])('%j cost %s, and of the others is said: %s', (sums, cost, words) => {
    expect(costOf({ ...SUMS, ...sums })).toBe(cost);
    expect(unsure({ ...SUMS, ...sums })).toBe(words);
  });

  it('become series by day; what has one name is one series', () => {
    const group = (day: string, model: string | null, cost_usd: string) => ({
      ...SUMS,
      key: { day, model },
      cost_usd,
    });
    const groups = [
      group('2026-11-27', 'a', '1'),
      group('2026-11-28', 'a', '2'),
      group('2026-11-28', null, '4'),
      group('2026-11-28', 'none', '8'),
      group('2026-11-29', 'a', '16'),
    ];
    const days = ['2026-11-27', '2026-11-28'];
    expect(toSeries(groups, days, ({ model }) => model ?? 'none', 'cost')).toEqual([
      { name: 'a', values: [1, 2] },
      { name: 'none', values: [0, 12] },
    ]);
    expect(toSeries(groups.slice(0, 1), days, () => 'all', 'tokens')).toEqual([
      { name: 'all', values: [1500, 0] },
    ]);
  });
});
