import { ApiException } from './api.exception';

/** The error of a request above a rate limit: 429. The API's filter sends `Retry-After`; the proxy renders its own response. */
export class TooManyAttempts extends ApiException {
  constructor(readonly retryAfterSeconds: number) {
    super('rate_limited', `Too many attempts. Wait ${retryAfterSeconds} seconds, then try again.`);
  }
}
