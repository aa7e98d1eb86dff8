import { seconds, ThrottlerOptions } from '@nestjs/throttler';

/**
 * The limit of each handler under /api, counted in this process by the client's network (ApiThrottlerGuard). Guesses have
 * limits of their own: of passwords in accounts/password-limits.ts, of tokens and codes in auth/unknown-token-limiter.ts.
 */
export const API_LIMITS: ThrottlerOptions[] = [{ name: 'default', ttl: seconds(60), limit: 300 }];

/** The limit of handlers that check or set a password. */
export const SIGN_IN_LIMITS = { default: { ttl: seconds(60), limit: 30 } };
