import { ArgumentsHost, Catch, ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { Request, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import { Logger } from 'pino';
import { LOGGER } from '../logging/logging.module';
import { loggedPath } from '../logging/logged-path';
import { exchangeOf } from '../exchange/exchange-of';
import { AGENT_PATHS } from './agent-paths';
import { ApiException } from './api.exception';
import { DatabaseBusy } from './database-busy';
import { codeByStatus } from './error-codes';
import { ErrorDto } from './error.dto';
import { goneMeanwhile } from './gone-meanwhile';
import { OAuthException } from './oauth.exception';
import { TooManyAttempts } from './too-many-attempts';

const UNDECODABLE =
  'A part of the path is not valid percent-encoding of UTF-8. The API is described at /api/docs.';

/** Renders every error under /api in one shape, whichever layer raised it: a handler, a pipe, the body parser or the router. */
@Catch()
export class ApiErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AGENT_PATHS) private readonly agentPaths: readonly string[],
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = goneMeanwhile(thrown) ?? DatabaseBusy.inPlaceOf(thrown);
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const body = this.bodyFor(error, request, response);
    // An ApiException with a status of 500 or above means a busy server or an unresponsive provider, which is not a bug
    // here.
    if (body.statusCode >= 500 && !(error instanceof ApiException)) {
      this.logger.error({ err: error, request_id: exchangeOf(response).id }, 'A request failed');
    }
    if (error instanceof DatabaseBusy) {
      const record = { request_id: exchangeOf(response).id };
      this.logger.warn(record, 'No database connection became free in time for a request');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof TooManyAttempts || error instanceof DatabaseBusy)
      response.setHeader('Retry-After', error.retryAfterSeconds);
    response.status(body.statusCode).json(body);
  }

  private bodyFor(error: unknown, request: Request, response: Response): ErrorDto {
    if (error instanceof ApiException)
      return { ...shaped(error.getStatus(), error.text), errors: error.errors };
    if (error instanceof OAuthException)
      return { ...shaped(error.getStatus(), error.text), error: error.word };
    if (error instanceof HttpException)
      return withoutCode(error.getStatus(), inOwnWords(error.message, request, this.agentPaths));
    return withoutCode(
      500,
      `Something went wrong on the server. Its log has the cause under request id ${exchangeOf(response).id}.`,
    );
  }
}

function shaped(statusCode: number, message: string | string[]): ErrorDto {
  return { statusCode, error: STATUS_CODES[statusCode] ?? 'Error', message };
}

/** Returns the body for an error without a code: of the router, of Express, or an unexpected one. */
function withoutCode(status: number, message: string): ErrorDto {
  return { ...shaped(status, message), errors: [{ code: codeByStatus(status), message }] };
}

/**
 * Replaces the routers' messages, which quote the request: Nest's quotes the whole target with its query, Express' the
 * part that it can't decode.
 */
function inOwnWords(message: string, request: Request, agentPaths: readonly string[]): string {
  if (/^Cannot [A-Z-]+ /.test(message)) return unknownRoute(request, agentPaths);
  return message.startsWith('Failed to decode param') ? UNDECODABLE : message;
}

function unknownRoute({ method, originalUrl }: Request, agentPaths: readonly string[]): string {
  return `There is no ${method} ${loggedPath(originalUrl)} here. The API is described at /api/docs; agents use ${agentPaths.join(' or ')}.`;
}
