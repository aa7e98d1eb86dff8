import { CallHandler, ExecutionContext, Injectable, NestInterceptor, UseInterceptors } from '@nestjs/common';
import { Response } from 'express';
import { finalize, Observable } from 'rxjs';
import { ApiException } from '../api/api.exception';
import { exchangeOf } from '../exchange/exchange-of';
import { PasswordHasher } from './password-hasher';

const RETRY_AFTER_SECONDS = 1;
const BUSY =
  'Too many passwords are being checked at this moment. Wait for the seconds in the Retry-After header, then try again.';

/** Admits only as many requests as can be answered within about a second; the others are refused at once. */
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
 * Marks a handler that hashes a password. It is an interceptor, so that it runs after the guards, whose rate limits stop a
 * flood from one address, and before any other work. The request may be refused with `server_busy`.
 */
export const HashesPassword = (): MethodDecorator => UseInterceptors(PasswordPlaceInterceptor);
