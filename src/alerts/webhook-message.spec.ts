import { createSecretKey } from 'node:crypto';
import { messageOf, signatureHeaders } from './webhook-message';

const ALERT = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  percent: 75,
  reachedAt: new Date('2026-11-28T09:00:00Z'),
  limitId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  scope: 'everyone',
  period: 'month',
  periodStart: new Date('2026-11-01T00:00:00Z'),
  periodEnd: new Date('2026-12-01T00:00:00Z'),
  amountUsd: '25',
  spentUsd: '18.75000001',
  org: 'acme',
  subjectId: '16fd2706-8baf-433b-82eb-8c7fada847da',
  email: null,
  token: null,
  isLast: false,
} as const;

describe('a message to the webhook', () => {
  it('says which limit, how much of it, whose, and when it begins again', () => {
    const { id, body } = messageOf({ ...ALERT, email: 'ann@example.com' });
    expect(id).toBe(ALERT.id);
    expect(JSON.parse(body)).toEqual({
      type: 'limit.reached',
      timestamp: '2026-11-28T09:00:00.000Z',
      data: {
        ...{ percent: 75, amount_usd: '25', spent_usd: '18.75000001', org: 'acme' },
        ...{ limit_id: ALERT.limitId, scope: 'everyone', period: 'month' },
        member: { user_id: ALERT.subjectId, email: 'ann@example.com' },
        token: null,
        period_start: '2026-11-01T00:00:00.000Z',
        resets_at: '2026-12-01T00:00:00.000Z',
      },
    });
  });

  it('names a token, or neither', () => {
    const dataOf = (more: object): unknown =>
      (JSON.parse(messageOf({ ...ALERT, ...more }).body) as { data: unknown }).data;
    expect(dataOf({ token: 'ci' })).toMatchObject({
      member: null,
      token: { id: ALERT.subjectId, name: 'ci' },
    });
    expect(dataOf({})).toMatchObject({ member: null, token: null });
  });

  it('is signed as the example of the Standard Webhooks specification is', () => {
    const secret = createSecretKey(Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'));
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    expect(signatureHeaders(message, secret, 1_614_265_330_999)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });
});
