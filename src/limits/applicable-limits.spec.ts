import { applicableLimits } from './applicable-limits';
import { LimitEntity } from './limit.entity';

const ORG = 'org';
const AT = Date.parse('2026-11-28T12:00:00Z');
const limit = (id: string, given: Partial<LimitEntity>): LimitEntity =>
  ({
    id,
    orgId: ORG,
    kind: 'spend',
    scope: 'organization',
    subjectId: null,
    period: 'month',
    until: null,
    countPersonalKeys: false,
    ...given,
  }) as LimitEntity;
const CALL = { userId: 'ann', proxyTokenId: 'token', isOnOwnKey: false, at: AT };

const POOL = limit('pool', {});
const DEFAULT = limit('default', { scope: 'everyone' });
const ANN = limit('ann', { scope: 'member', subjectId: 'ann' });
const BOB = limit('bob', { scope: 'member', subjectId: 'bob' });
const ANN_WEEK = limit('ann week', { scope: 'member', subjectId: 'ann', period: 'week' });
const TOKEN = limit('token', { scope: 'token', subjectId: 'token' });
const OTHER_TOKEN = limit('other token', { scope: 'token', subjectId: 'other' });
const RATE = limit('rate', { kind: 'rate', scope: 'everyone', period: null });
const OVER = limit('ann over', { scope: 'member', subjectId: 'ann', until: new Date(AT) });
const ANN_ALL = limit('ann all', { scope: 'member', subjectId: 'ann', countPersonalKeys: true });

describe('applicableLimits', () => {
  it.each([
    ['none', [], CALL, []],
    ['the pool and the default', [POOL, DEFAULT], CALL, ['pool org', 'default ann']],
    ['a member’s own instead of the default', [POOL, DEFAULT, ANN, BOB], CALL, ['pool org', 'ann ann']],
    ['the default of another period', [DEFAULT, ANN_WEEK], CALL, ['default ann', 'ann week ann']],
    ['that of the token', [TOKEN, OTHER_TOKEN], CALL, ['token token']],
    ['none of a token for a session', [TOKEN], { ...CALL, proxyTokenId: undefined }, []],
    ['the default again when the member’s own is over', [DEFAULT, OVER], CALL, ['default ann']],
    ['none of money with a key of one’s own', [POOL, ANN, RATE], { ...CALL, isOnOwnKey: true }, ['rate ann']],
    ['those that count own keys', [POOL, ANN_ALL], { ...CALL, isOnOwnKey: true }, ['ann all ann']],
  ])('applies %s', (_, limits, call, expected) => {
    expect(
      applicableLimits(limits, call).map(({ limit: { id }, subjectId }) => `${id} ${subjectId}`),
    ).toEqual(expected);
  });
});
