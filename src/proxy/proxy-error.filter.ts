import { ArgumentsHost, Catch, ExceptionFilter, Inject } from '@nestjs/common';
import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { exchangeOf } from '../exchange/exchange-of';
import { Routes } from '../providers/routes';
import { ProxyError } from './proxy-error';
import { lingeringClose } from './lingering-close';

/** Renders errors of proxy requests in the provider's error envelope; a response that has already begun is aborted. */
@Catch()
export class ProxyErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly routes: Routes,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<IncomingMessage>();
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const error = thrown instanceof ProxyError ? thrown : new ProxyError('internal', thrown);
    if (response.destroyed) return; // the client disconnected, which caused the error
    const exchange = exchangeOf(response);
    exchange.fail(error);
    if (error.status >= 500 && error.code !== 'draining') {
      this.logger.error(
        { err: error.cause, request_id: exchange.id, code: error.code },
        'A proxy request failed',
      );
    }
    if (response.headersSent) {
      exchange.abortResponse();
      return;
    }
    const { retryAfter } = error;
    const route = this.routes.get(exchange.providerId);
    const { contentType, requestIdHeaders, noRetry } = route.provider.errors;
    const body = error.envelope(route, exchange.id, this.config.http.publicUrl);
    if (error.closesConnection) response.shouldKeepAlive = false;
    response.writeHead(error.status, STATUS_CODES[error.status], {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      [requestIdHeaders[0]]: exchange.id,
      ...(error.isFinal && { [noRetry[0]]: noRetry[1] }),
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    });
    exchange.responseBytes = Buffer.byteLength(body);
    lingeringClose(request, response, body);
  }
}
