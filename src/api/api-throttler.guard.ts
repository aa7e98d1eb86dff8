import { ExecutionContext, Injectable } from '@nestjs/common';
import { Request } from 'express';
import { ThrottlerGuard, ThrottlerLimitDetail } from '@nestjs/throttler';
import { networkOf } from '../logging/client-address';
import { TooManyAttempts } from './too-many-attempts';

/**
 * Nest's throttler, keyed by the client's network. It sends a plain `Retry-After`, where the original would add the
 * limit's name to the header.
 */
@Injectable()
export class ApiThrottlerGuard extends ThrottlerGuard {
  protected override getTracker({ ip }: Request): Promise<string> {
    return Promise.resolve(networkOf(ip));
  }

  protected override throwThrottlingException(
    _: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    throw new TooManyAttempts(timeToBlockExpire);
  }
}
