import { ApiException } from './api.exception';

/** A limit was hit: 429, and when to come back. The filter of the API writes `Retry-After`; the proxy has its own answer. */
export class TooManyAttempts extends ApiException {
  constructor(readonly retryAfterSeconds: number) {
    super('rate_limited', `Too many attempts. Wait ${retryAfterSeconds} seconds, then try again.`);
  }
}
