import {
  ArgumentsHost,
  BadGatewayException,
  Catch,
  ExceptionFilter,
  GatewayTimeoutException,
  HttpException,
  Inject,
  ServiceUnavailableException,
} from '@nestjs/common';
import { Request, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import { Logger } from 'pino';
import { LOGGER } from '../logging/logging.module';
import { loggedPath } from '../logging/logged-path';
import { exchangeOf } from '../exchange/exchange-of';
import { AGENT_PATHS } from './agent-paths';
import { DatabaseBusy } from './database-busy';
import { ErrorDto } from './error.dto';
import { goneMeanwhile } from './gone-meanwhile';
import { TooManyAttempts } from './too-many-attempts';

const UNDECODABLE =
  'A part of the path is not valid percent-encoding of UTF-8. The API is described at /api/docs.';

/** Every refusal under /api in one shape, whoever refused: a handler, a pipe, the body parser or the router. */
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
    if (body.statusCode >= 500 && !isExplained(error)) {
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
    if (error instanceof HttpException) {
      const statusCode = error.getStatus();
      const told = error.getResponse() as string | { message?: string | string[]; error?: string };
      const { message = error.message, error: word } = typeof told === 'string' ? { message: told } : told;
      return shaped(statusCode, inOwnWords(message, request, this.agentPaths), word);
    }
    return shaped(
      500,
      `Something went wrong on the server. Its log has the cause under request id ${exchangeOf(response).id}.`,
    );
  }
}

/** Who is busy says so to many at once, and a provider that does not answer is not this server: nothing is broken here. */
function isExplained(error: unknown): boolean {
  return [ServiceUnavailableException, BadGatewayException, GatewayTimeoutException].some(
    (kind) => error instanceof kind,
  );
}

/** @param word in place of the status's name, where a standard has one (RFC 8628). */
function shaped(statusCode: number, message: string | string[], word?: string): ErrorDto {
  return { statusCode, error: word ?? STATUS_CODES[statusCode] ?? 'Error', message };
}

/** The routers quote what was asked for: Nest's the whole target, query included, Express' what it can't decode. */
function inOwnWords(
  message: string | string[],
  request: Request,
  agentPaths: readonly string[],
): string | string[] {
  if (typeof message !== 'string') return message;
  if (/^Cannot [A-Z-]+ /.test(message)) return unknownRoute(request, agentPaths);
  return message.startsWith('Failed to decode param') ? UNDECODABLE : message;
}

function unknownRoute({ method, originalUrl }: Request, agentPaths: readonly string[]): string {
  return `There is no ${method} ${loggedPath(originalUrl)} here. The API is described at /api/docs; agents use ${agentPaths.join(' or ')}.`;
}
