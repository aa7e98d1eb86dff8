import { ExecutionContext, HttpException, HttpStatus, Injectable } from '@nestjs/common';
import { Response } from 'express';
import { ThrottlerGuard, ThrottlerLimitDetail } from '@nestjs/throttler';

/** Nest's throttler with a plain `Retry-After`: it would name the header after the limit that was hit. */
@Injectable()
export class ApiThrottlerGuard extends ThrottlerGuard {
  protected override throwThrottlingException(
    context: ExecutionContext,
    detail: ThrottlerLimitDetail,
  ): Promise<void> {
    const res = context.switchToHttp().getResponse<Response>();
    res.setHeader('Retry-After', detail.timeToBlockExpire);
    throw new HttpException(
      `Too many attempts. Wait ${detail.timeToBlockExpire} seconds, then try again.`,
      HttpStatus.TOO_MANY_REQUESTS,
    );
  }
}
