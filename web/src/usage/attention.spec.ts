import { attention } from './attention';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const NONE = {
  calls: 0,
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  output_tokens: 0,
  cost_usd: '0',
  estimated_calls: 0,
  unreadable_calls: 0,
  unpriced_calls: 0,
};
const use = (status: number) => ({
  at: '2026-11-28T11:00:00Z',
  status,
  outcome: 'completed' as const,
  client: null,
});
const key = (in_use: 'own' | 'organization', status: number) => ({
  provider: 'anthropic',
  label: 'Anthropic',
  in_use,
  last_use: use(status),
});
const told = (facts: Partial<Parameters<typeof attention>[0]>) =>
  attention({ keys: [], tokens: [], usage: { total: NONE, groups: [] }, limits: [], now: NOW, ...facts }).map(
    ({ text }) => text,
  );

describe('what needs a look', () => {
  it('is nothing while all is well', () => {
    expect(
      told({
        keys: [key('own', 200), key('own', 429), key('organization', 401)],
        tokens: [
          { id: '1', name: 'far off', expires_at: '2027-01-01T00:00:00Z' },
          { id: '2', name: 'forever', expires_at: null },
        ],
      }),
    ).toEqual([]);
  });

  it('is a key that was refused, a token that expires soon, and what has no price or could not be read', () => {
    const groups = ['a', 'b', 'c', 'd', 'a'].map((model) => ({ ...NONE, unpriced_calls: 1, key: { model } }));
    expect(
      told({
        keys: [key('own', 401)],
        tokens: [{ id: '1', name: 'laptop', expires_at: '2026-12-01T00:00:00Z' }],
        usage: { total: { ...NONE, unpriced_calls: 5, unreadable_calls: 1 }, groups },
      }),
    ).toEqual([
      'Anthropic refused your key at the last request.',
      'The token “laptop” expires within seven days.',
      'No price is known for a, b, c and 1 more: the cost of 5 requests is in no sum.',
      'What one request used could not be read, and is in no sum.',
    ]);
  });
});
