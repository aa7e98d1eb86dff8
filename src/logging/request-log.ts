import { DestinationStream, Logger, symbols } from 'pino';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { isoTime } from './iso-time';
import { loggedPath } from './logged-path';

/**
 * Writes one line for each request when it has ended, however it ended. Never a header's value, a query or a body. The line
 * is put together here and not by pino, to whose stream it goes: there is one for each request, always with the same fields.
 */
export function requestLog(logger: Logger): ExchangeObserver {
  const { [symbols.streamSym]: output } = logger as unknown as Record<symbol, DestinationStream | undefined>;
  if (output === undefined) throw new Error('The logger has no stream');
  const bindings = Object.entries(logger.bindings())
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join('');
  return {
    onEnd(exchange) {
      if (logger.isLevelEnabled('info'))
        output.write(
          `{"level":"info","time":"${isoTime()}"${bindings}${fieldsOf(exchange)},"msg":"request"}\n`,
        );
    },
  };
}

/** What has no value is left out. */
function fieldsOf(exchange: Exchange): string {
  const { request, response, endedAt, responseHeadAt, caller, error, lastAttempt } = exchange;
  const { headersSent } = response;
  const bytes = exchange.responseBytes || Number(response.getHeader('content-length') ?? 0);
  const headAt = responseHeadAt ?? (headersSent ? endedAt : undefined);
  return (
    `,"request_id":"${exchange.id}"` +
    text('user_id', caller?.userId) +
    text('proxy_token_id', exchange.proxyTokenId) +
    text('proxy_token', exchange.maskedProxyToken) +
    text('method', request.method) +
    text('path', loggedPath(exchange.target)) +
    number('status', headersSent ? response.statusCode : undefined) +
    number('bytes', bytes) +
    number('ms_to_first_byte', milliseconds(exchange, headAt)) +
    number('ms', milliseconds(exchange, endedAt)) +
    text('outcome', exchange.outcome) +
    text('error_type', error?.type) +
    text('upstream_request_id', lastAttempt?.requestId)
  );
}

/** @param name needs no escaping. */
function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${Number.isFinite(value) ? value : 'null'}`;
}

/** To a tenth. */
function milliseconds({ startedAt }: Exchange, at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.round((at - startedAt) * 10) / 10;
}
