import { seconds, ThrottlerOptions } from '@nestjs/throttler';

/**
 * The limit of each handler under /api, counted in this process by the client's network (ApiThrottlerGuard). What is
 * guessed has limits of its own: passwords in accounts/password-limits.ts, tokens and codes in auth/unknown-token-limiter.ts.
 */
export const API_LIMITS: ThrottlerOptions[] = [{ name: 'default', ttl: seconds(60), limit: 300 }];

/** For handlers that check or take a password. */
export const SIGN_IN_LIMITS = { default: { ttl: seconds(60), limit: 30 } };
