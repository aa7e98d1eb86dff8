import { ExecutionContext, Injectable } from '@nestjs/common';
import { Request } from 'express';
import { ThrottlerGuard, ThrottlerLimitDetail } from '@nestjs/throttler';
import { networkOf } from '../logging/client-address';
import { TooManyAttempts } from './too-many-attempts';

/** Nest's throttler, by the client's network, with a plain `Retry-After`: it would name the header after the limit. */
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
