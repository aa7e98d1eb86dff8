import { createHmac, KeyObject } from 'node:crypto';
import { DueAlert } from '../limits/due-alert';

/** A message to the webhook; with the same id it is the same message, however often it is sent. */
interface WebhookMessage {
  readonly id: string;
  readonly body: string;
}

/** Creates the message that a level of a spend limit was reached. */
export function messageOf(alert: DueAlert): WebhookMessage {
  const { id, subjectId, email, token } = alert;
  const data = {
    percent: alert.percent,
    amount_usd: alert.amountUsd,
    spent_usd: alert.spentUsd,
    org: alert.org,
    limit_id: alert.limitId,
    scope: alert.scope,
    member: email === null ? null : { user_id: subjectId, email },
    token: token === null ? null : { id: subjectId, name: token },
    period: alert.period,
    period_start: alert.periodStart.toISOString(),
    resets_at: alert.periodEnd.toISOString(),
  };
  const body = { type: 'limit.reached', timestamp: alert.reachedAt.toISOString(), data };
  return { id, body: JSON.stringify(body) };
}

/**
 * Returns the headers that prove where a message comes from and when it was sent, by the Standard Webhooks specification.
 * @param at the time of sending, in milliseconds since 1970.
 */
export function signatureHeaders({ id, body }: WebhookMessage, secret: KeyObject, at: number) {
  const timestamp = String(Math.floor(at / 1_000));
  const hmac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${hmac.digest('base64')}`,
  };
}
