import { CallHandler, ExecutionContext, Injectable, NestInterceptor, UseInterceptors } from '@nestjs/common';
import { Response } from 'express';
import { finalize, Observable } from 'rxjs';
import { ApiException } from '../api/api.exception';
import { exchangeOf } from '../exchange/exchange-of';
import { PasswordHasher } from './password-hasher';

const RETRY_AFTER_SECONDS = 1;
const BUSY =
  'Too many passwords are being checked at this moment. Wait for the seconds in the Retry-After header, then try again.';

/** Lets in as many requests as can be answered in about a second. */
@Injectable()
class PasswordPlaceInterceptor implements NestInterceptor {
  constructor(private readonly passwords: PasswordHasher) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const leave = this.passwords.enter();
    if (leave !== undefined) return next.handle().pipe(finalize(leave));
    const response = context.switchToHttp().getResponse<Response>();
    exchangeOf(response).authFailure = 'passwords_busy';
    response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    throw new ApiException('server_busy', BUSY);
  }
}

/**
 * For handlers that hash a password. An interceptor, because it has to come after the guards, whose rate limits a flood from
 * one address does not pass, and before anything else. It may refuse with `server_busy`.
 */
export const HashesPassword = (): MethodDecorator => UseInterceptors(PasswordPlaceInterceptor);
