import { HttpException, HttpStatus } from '@nestjs/common';

/** A limit was hit: 429, and when to come back. The filter of the API writes `Retry-After`; the proxy has its own answer. */
export class TooManyAttempts extends HttpException {
  constructor(readonly retryAfterSeconds: number) {
    super(
      `Too many attempts. Wait ${retryAfterSeconds} seconds, then try again.`,
      HttpStatus.TOO_MANY_REQUESTS,
    );
  }
}
