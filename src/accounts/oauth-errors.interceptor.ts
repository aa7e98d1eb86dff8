import {
  BadRequestException,
  CallHandler,
  ExecutionContext,
  Injectable,
  NestInterceptor,
} from '@nestjs/common';
import { catchError, Observable } from 'rxjs';

/** Nest's word for every 400 that brings none of its own. */
const UNNAMED = 'Bad Request';

/** Gives refusals of what was sent the word that OAuth has for them (RFC 6749 5.2), which its clients look at. */
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
  if (!(error instanceof BadRequestException)) return error;
  const { message, error: word } = error.getResponse() as { message: string[]; error?: string };
  return word === undefined || word === UNNAMED
    ? new BadRequestException({ statusCode: 400, error: 'invalid_request', message }, { cause: error })
    : error;
}
