import {
  CallHandler,
  ExecutionContext,
  HttpException,
  HttpStatus,
  Injectable,
  NestInterceptor,
} from '@nestjs/common';
import { Request } from 'express';
import { from, lastValueFrom, Observable } from 'rxjs';
import { OAuthException } from '../api/oauth.exception';
import { hashToken } from '../auth/token';
import { UnknownTokenLimiter } from '../auth/unknown-token-limiter';
import { PollRefusal } from './device-login.service';

/** The errors of RFC 8628 that are returned only for a known device code. */
const TO_KNOWN: readonly unknown[] = [
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
] satisfies PollRefusal[];

/**
 * Rate-limits guesses of device codes. Polls with a known code are never limited, however many clients share an address;
 * unknown codes, and bodies without a code, count against the client's network.
 */
@Injectable()
export class DeviceGuesses implements NestInterceptor {
  constructor(private readonly unknownTokens: UnknownTokenLimiter) {}

  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<object> {
    return from(this.poll(context.switchToHttp().getRequest<Request>(), next));
  }

  private async poll(request: Request, next: CallHandler<object>): Promise<object> {
    const { device_code: code } = (request.body ?? {}) as { device_code?: unknown };
    const codeHash = hashToken(typeof code === 'string' ? code : '');
    const poll = () => lastValueFrom(next.handle()).catch(refusalIn);
    const answer = await this.unknownTokens.ask(codeHash, request, poll, isGuess);
    if (answer instanceof HttpException) throw answer;
    return answer;
  }
}

/**
 * Returns a refusal with status 400 and rethrows any other error, which says nothing about the code and must not count as
 * a guess.
 */
function refusalIn(error: unknown): HttpException {
  if (error instanceof HttpException && error.getStatus() === HttpStatus.BAD_REQUEST.valueOf()) return error;
  throw error;
}

function isGuess(answer: object): boolean {
  if (!(answer instanceof HttpException)) return false;
  return !(answer instanceof OAuthException && TO_KNOWN.includes(answer.word));
}
