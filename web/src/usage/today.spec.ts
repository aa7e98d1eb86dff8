import { against, ofDay, weekBefore } from './today';

const group = (key: Record<string, string>, cost_usd: string) => ({
  key,
  cost_usd,
  calls: 1,
  input_tokens: 10,
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  output_tokens: 5,
  estimated_calls: 0,
  unreadable_calls: 0,
  unpriced_calls: 0,
});

describe('today', () => {
  it('is the sum of its groups', () => {
    const groups = [
      group({ day: '2026-11-27', model: 'a' }, '1'),
      group({ day: '2026-11-28', model: 'a' }, '2'),
      group({ day: '2026-11-28', model: 'b' }, '4'),
    ];
    expect(ofDay(groups, '2026-11-28')).toEqual({ cost: 6, tokens: 30 });
    expect(ofDay(groups, '2026-11-29')).toEqual({ cost: 0, tokens: 0 });
  });

  it('is held against as much of the same day a week before', () => {
    const groups = ['10', '11', '12', '13'].map((hour) => group({ hour: `2026-11-21T${hour}:00Z` }, '1'));
    expect(weekBefore(groups, Date.parse('2026-11-28T12:30:00Z'))).toEqual({ cost: 3, tokens: 45 });
  });

  it.each([
    [2, 1, '+100%, 1 by this time last Saturday'],
    [1, 2, '−50%, 2 by this time last Saturday'],
    [1, 0, '0 by this time last Saturday'],
    [3, 3, '3 by this time last Saturday'],
    [500, 1, '1 by this time last Saturday'],
  ])('with %d against %d', (now, before, words) => {
    expect(against(now, before, String, 'Saturday')).toBe(words);
  });
});
