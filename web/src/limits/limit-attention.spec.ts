import { limitAttention } from './limit-attention';

const NOW = Date.parse('2026-11-28T12:00:00Z');
type MyLimit = Parameters<typeof limitAttention>[0];
const LIMIT: MyLimit = {
  ...{ id: '1', kind: 'spend', scope: 'everyone', subject_id: null, period: 'month', amount_usd: '25.00' },
  ...{
    per_minute: null,
    allow: null,
    estimate: 'strict',
    count_personal_keys: false,
    until: null,
    note: null,
  },
  ...{ spent_usd: '0', reserved_usd: '0', resets_at: '2026-12-01T00:00:00.000Z' },
  ...{ created_at: '2026-11-01T00:00:00.000Z', org: 'acme' },
};
const RATE = { kind: 'rate', period: null, amount_usd: null, spent_usd: null, resets_at: null } as const;

describe('what is said of a limit whose end is near', () => {
  it.each<Partial<MyLimit>>([{}, { spent_usd: '18.74' }, { amount_usd: null, spent_usd: '400' }, RATE])(
    '%j: nothing',
    (limit) => {
      expect(limitAttention({ ...LIMIT, ...limit }, NOW)).toBeUndefined();
    },
  );

  it.each<[Partial<MyLimit>, 'warn' | 'bad', string]>([
    [
      { spent_usd: '18.75' },
      'warn',
      '$18.75 of $25.00 a month in acme (75%) is spent; in 2 days it begins again.',
    ],
    [
      { spent_usd: '24.99', scope: 'organization' },
      'bad',
      '$24.99 of $25.00 a month for all together in acme (99%) is spent: until it begins again in 2 days, large requests may be refused.',
    ],
    [
      { spent_usd: '25.01', scope: 'token', subject_id: '2' },
      'bad',
      'The limit of $25.00 a month through one of your tokens in acme is used up: until it begins again in 2 days, requests are refused.',
    ],
    [
      { amount_usd: '0.00', scope: 'member' },
      'bad',
      'Spending in acme is blocked: requests are refused. Ask an owner or admin.',
    ],
  ])('%j is %s: %s', (limit, tone, text) => {
    expect(limitAttention({ ...LIMIT, ...limit }, NOW)).toMatchObject({
      tone,
      text,
      href: '/orgs/acme/limits/',
    });
  });
});
