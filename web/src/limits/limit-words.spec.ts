import { amountInTime, amountOf, forWhom, hasEnded, nameOf, sentenceOf, type Limit } from './limit-words';

const GRACE = '11111111-1111-4111-8111-111111111111';
const LAPTOP = '22222222-2222-4222-8222-222222222222';
const GONE = '33333333-3333-4333-8333-333333333333';
const NAMES = {
  tokens: [{ id: LAPTOP, name: 'laptop' }],
  people: [{ user_id: GRACE, name: 'Grace', email: 'grace@example.com' }],
};
const LIMIT: Limit = {
  ...{ id: '1', kind: 'spend', scope: 'everyone', subject_id: null, period: 'month', amount_usd: '25.00' },
  ...{
    per_minute: null,
    allow: null,
    estimate: 'strict',
    count_personal_keys: false,
    until: null,
    note: null,
  },
  created_at: '2026-11-01T00:00:00.000Z',
};
const RATE = { ...LIMIT, kind: 'rate', period: null, amount_usd: null } as const;
const MODELS = { ...RATE, kind: 'models' } as const;

describe('the words of a limit', () => {
  it.each<[Partial<Limit>, string, string]>([
    [{}, 'Spend a month, each member', 'Each member'],
    [{ scope: 'organization', period: 'day' }, 'Spend a day, all members together', 'All members together'],
    [{ scope: 'member', subject_id: GRACE, period: 'week' }, 'Spend a week, Grace', 'For this person'],
    [
      { scope: 'member', subject_id: GONE },
      'Spend a month, No longer a member (33333333)',
      'For this person',
    ],
    [
      { ...RATE, scope: 'token', subject_id: LAPTOP },
      'Requests and tokens a minute, token laptop',
      'Token laptop',
    ],
    [
      { ...MODELS, scope: 'token', subject_id: GONE },
      'Models, other token (33333333)',
      'Other token (33333333)',
    ],
  ])('%j is named %s, and is for: %s', (limit, name, whom) => {
    expect(nameOf({ ...LIMIT, ...limit }, NAMES)).toBe(name);
    expect(forWhom({ ...LIMIT, ...limit }, NAMES, false)).toBe(whom);
  });

  it.each<[Partial<Limit>, string, string]>([
    [{}, '$25.00', '$25.00 a month'],
    [{ amount_usd: '2000.50', period: 'day' }, '$2,000.50', '$2,000.50 a day'],
    [{ amount_usd: '0.00' }, 'Blocked', 'No spend'],
    [{ amount_usd: null }, 'Unlimited', 'Unlimited spend'],
    [{ ...RATE, per_minute: { requests: 60, tokens: null } }, '60 requests', '60 requests a minute'],
    [
      { ...RATE, per_minute: { requests: 1, tokens: 200_000 } },
      '1 request, 200,000 tokens',
      '1 request and 200,000 tokens a minute',
    ],
    [{ ...MODELS, allow: ['a-*', 'b'] }, 'a-*, b', 'These models only'],
    [{ ...MODELS, allow: ['a', 'b', 'c', 'd', 'e'] }, 'a, b, c and 2 more', 'These models only'],
    [{ ...MODELS, allow: ['a', '*'] }, 'All models', 'All models'],
  ])('%j is %s, or %s', (limit, amount, inTime) => {
    expect(amountOf({ ...LIMIT, ...limit }, 3)).toBe(amount);
    expect(amountInTime({ ...LIMIT, ...limit })).toBe(inTime);
  });

  it('say to a person that it is for them', () => {
    expect(forWhom({ scope: 'member', subject_id: GRACE }, NAMES, true)).toBe('For you');
  });

  it('are a sentence', () => {
    const ofGrace = { ...LIMIT, scope: 'member', subject_id: GRACE } as const;
    expect(sentenceOf(LIMIT, NAMES)).toBe('$25.00 a month, each member');
    expect(sentenceOf({ ...ofGrace, amount_usd: '0.00' }, NAMES)).toBe('No spend, Grace');
  });

  it('say when it has ended', () => {
    const now = Date.parse('2026-11-28T12:00:00Z');
    expect(hasEnded({ until: null }, now)).toBe(false);
    expect(hasEnded({ until: '2026-11-28T12:00:01.000Z' }, now)).toBe(false);
    expect(hasEnded({ until: '2026-11-28T12:00:00.000Z' }, now)).toBe(true);
  });
});
