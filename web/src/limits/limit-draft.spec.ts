import { changesOf, creationOf, draftOf, NEW, type Draft } from './limit-draft';
import type { Limit } from './limit-words';

const GRACE = '11111111-1111-4111-8111-111111111111';
const LIMIT: Limit = {
  ...{ id: '1', kind: 'spend', scope: 'everyone', subject_id: null, period: 'week', amount_usd: '25.00' },
  ...{ per_minute: null, allow: null, estimate: 'typical', count_personal_keys: true, note: 'all of us' },
  ...{ until: '2026-12-24T18:00:30.500Z', created_at: '2026-11-01T00:00:00.000Z' },
};
const END = { until: null, note: null };
const SPEND = { kind: 'spend', scope: 'everyone', period: 'month' };
const STRICT = { estimate: 'strict', count_personal_keys: false, ...END };
const RATE = { kind: 'rate', scope: 'everyone', ...END };

describe('the draft of a limit', () => {
  it.each<[Partial<Draft>, object]>([
    [{ usd: ' $25.00 ' }, { ...SPEND, amount_usd: '25.00', ...STRICT }],
    [{ usd: '' }, { ...SPEND, amount_usd: '', ...STRICT }],
    [{ usd: '2,000' }, { ...SPEND, amount_usd: '2,000', ...STRICT }],
    [
      { usd: '5', allows: 'unlimited' },
      { ...SPEND, amount_usd: null, ...STRICT },
    ],
    [
      { usd: '5', allows: 'nothing' },
      { ...SPEND, amount_usd: '0', ...STRICT },
    ],
    [
      { scope: 'member', subject: GRACE, usd: '1' },
      { ...SPEND, scope: 'member', subject_id: GRACE, amount_usd: '1', ...STRICT },
    ],
    [
      { scope: 'member', usd: '1' },
      { ...SPEND, scope: 'member', amount_usd: '1', ...STRICT },
    ],
    [
      { subject: GRACE, usd: '1' },
      { ...SPEND, amount_usd: '1', ...STRICT },
    ],
    [
      { kind: 'rate', requests: '60' },
      { ...RATE, per_minute: { requests: 60, tokens: null } },
    ],
    [
      { kind: 'rate', requests: '1.5', tokens: '200,000' },
      { ...RATE, per_minute: { requests: 0, tokens: 200_000 } },
    ],
    [
      { kind: 'models', models: ' claude-haiku-*\n\ngpt-5, o3 ', note: ' ' },
      { kind: 'models', scope: 'everyone', allow: ['claude-haiku-*', 'gpt-5', 'o3'], ...END },
    ],
  ])('%j creates %j', (typed, body) => {
    expect(creationOf({ ...NEW, ...typed })).toEqual(body);
  });

  it('ends at a time of the browser’s zone', () => {
    const until = '2026-12-24T18:00';
    expect(creationOf({ ...NEW, until }).until).toBe(new Date(until).toISOString());
  });

  it.each<[Partial<Limit>, Partial<Draft>, object]>([
    [{}, {}, {}],
    [{}, { usd: '30' }, { amount_usd: '30' }],
    [{}, { allows: 'nothing' }, { amount_usd: '0' }],
    [{}, { estimate: 'strict', countsOwnKeys: false }, { estimate: 'strict', count_personal_keys: false }],
    [{}, { until: '', note: '' }, END],
    [{ amount_usd: '0.00' }, {}, {}],
    [{ amount_usd: null }, { allows: 'amount', usd: '3' }, { amount_usd: '3' }],
    [
      { kind: 'rate', period: null, amount_usd: null, per_minute: { requests: 60, tokens: null } },
      { requests: '', tokens: '5000' },
      { per_minute: { requests: null, tokens: 5000 } },
    ],
    [
      { kind: 'models', period: null, amount_usd: null, allow: ['a', 'b'] },
      { models: 'a\nb\nc' },
      { allow: ['a', 'b', 'c'] },
    ],
  ])('of %j, with %j, changes %j and leaves the rest', (limit, typed, body) => {
    const before = draftOf({ ...LIMIT, ...limit });
    expect(changesOf({ ...before, ...typed }, before)).toEqual(body);
  });
});
