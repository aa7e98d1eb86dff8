import { DestinationStream, Logger, symbols } from 'pino';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { isoTime } from './iso-time';
import { loggedPath } from './logged-path';

/**
 * Creates the observer that logs one line per request when it has ended, in whatever way. A line never contains a header's
 * value, a query or a body. For speed it is formatted here and not by pino, to whose stream it is written: every request has
 * such a line, always with the same fields.
 * @throws Error when the logger has no stream.
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

/** Formats the fields of a line; those without a value are omitted. */
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
    text('key_source', exchange.keySource) +
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

/**
 * Formats a string field.
 * @param name a name that needs no escaping.
 */
function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${Number.isFinite(value) ? value : 'null'}`;
}

/** Returns the time since the start of the exchange in milliseconds, rounded to a tenth. */
function milliseconds({ startedAt }: Exchange, at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.round((at - startedAt) * 10) / 10;
}
