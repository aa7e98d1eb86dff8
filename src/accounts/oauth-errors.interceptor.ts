import { CallHandler, ExecutionContext, HttpStatus, Injectable, NestInterceptor } from '@nestjs/common';
import { catchError, Observable } from 'rxjs';
import { ApiException } from '../api/api.exception';
import { OAuthException } from '../api/oauth.exception';

/** Turns refusals of an invalid request into OAuth's `invalid_request` (RFC 6749 5.2), which OAuth clients expect. */
@Injectable()
export class OAuthErrors implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<object>): Observable<object> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        throw named(error);
      }),
    );
  }
}

function named(error: unknown): unknown {
  const isUnnamed = error instanceof ApiException && error.getStatus() === HttpStatus.BAD_REQUEST.valueOf();
  return isUnnamed ? new OAuthException('invalid_request', error.text, error) : error;
}
