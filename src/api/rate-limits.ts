import { seconds, ThrottlerOptions } from '@nestjs/throttler';
import { Request } from 'express';
import { createHash } from 'node:crypto';
import { canonicalEmail } from './email';

const AUTH = '/api/v1/auth/';

/**
 * Limits for /api, counted in this process. Each handler has counters of its own.
 * - `default` counts by client address.
 * - `account` counts by account, whatever address it comes from: the email of a sign-in or sign-up, and for a change of
 *   password the session that asks.
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

function accountOf({ path, headers, body }: Request): string | undefined {
  if (!path.startsWith(AUTH)) return undefined; // an email elsewhere is somebody else's
  if (path === `${AUTH}password`) return hashed(headers.authorization ?? headers.cookie ?? '');
  const { email } = (body ?? {}) as { email?: unknown };
  return typeof email === 'string' ? hashed(canonicalEmail(email.trim())) : undefined;
}

/** Counters should hold nobody's address or token, and a key of bounded length. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
