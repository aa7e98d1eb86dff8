import { seconds, ThrottlerOptions } from '@nestjs/throttler';
import { Request } from 'express';
import { createHash } from 'node:crypto';

/**
 * Limits for /api, counted in this process. Each handler has counters of its own.
 * - `default` counts by client address.
 * - `account` counts by the email in the body, whatever address it comes from; only sign-in and sign-up have one.
 */
export const API_LIMITS: ThrottlerOptions[] = [
  { name: 'default', ttl: seconds(60), limit: 300 },
  {
    name: 'account',
    ttl: seconds(60),
    limit: 10,
    skipIf: (context) => accountOf(context.switchToHttp().getRequest<Request>()) === undefined,
    getTracker: (request) => accountOf(request as Request) ?? '',
  },
];

/** For handlers that check or take a password; by address, beside the account's own limit. */
export const SIGN_IN_LIMITS = { default: { ttl: seconds(60), limit: 30 } };

/** A hash: counters should hold nobody's address, and a key of bounded length. */
function accountOf({ body }: Request): string | undefined {
  const { email } = (body ?? {}) as { email?: unknown };
  return typeof email === 'string'
    ? createHash('sha256').update(email.trim().toLowerCase()).digest('hex')
    : undefined;
}
