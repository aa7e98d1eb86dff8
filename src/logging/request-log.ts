import { ServerResponse } from 'node:http';
import { Logger } from 'pino';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { loggedPath } from './logged-path';

/** Writes one line for each request when it has ended, however it ended. Never a header's value, a query or a body. */
export function requestLog(logger: Logger): ExchangeObserver {
  return {
    onEnd(exchange) {
      const { request, response, endedAt } = exchange;
      const headAt = exchange.responseHeadAt ?? (response.headersSent ? endedAt : undefined);
      logger.info(
        {
          request_id: exchange.id,
          user_id: exchange.caller?.userId,
          proxy_token_id: exchange.proxyTokenId,
          method: request.method,
          path: loggedPath(exchange.target),
          status: response.headersSent ? response.statusCode : undefined,
          bytes: exchange.responseBytes || sentLength(response),
          ms_to_first_byte: milliseconds(exchange, headAt),
          ms: milliseconds(exchange, endedAt),
          outcome: exchange.outcome,
          error_type: exchange.error?.type,
          upstream_request_id: exchange.lastAttempt?.requestId,
        },
        'request',
      );
    },
  };
}

function sentLength(response: ServerResponse): number {
  return Number(response.getHeader('content-length') ?? 0);
}

function milliseconds({ startedAt }: Exchange, at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.round((at - startedAt) * 10) / 10;
}
