import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { hasBody } from '../exchange/has-body';

/**
 * Creates an observer that limits the time in which a request's body has to arrive; a slower request is refused with 408.
 * Without the limit, one byte every now and then would hold a connection for as long as the largest upload may take. Nothing
 * is limited after the body is complete, and the proxy's requests, whose bodies are large, are not limited at all.
 * @param ms the maximum time from the request's head to the body's last byte, in milliseconds.
 */
export function limitBodyTime(ms: number): ExchangeObserver {
  return {
    onBegin(exchange) {
      if (exchange.area === 'proxy' || !hasBody(exchange.request)) return;
      const timer = setTimeout(() => {
        if (!exchange.request.complete) refuse(exchange, ms);
      }, ms);
      exchange.request.once('close', () => {
        clearTimeout(timer);
      });
    },
  };
}

function refuse({ request: { socket }, response }: Exchange, ms: number): void {
  if (response.headersSent) {
    socket.destroy();
    return;
  }
  const message = `The body did not arrive within ${ms / 1000} seconds. Send it again, faster.`;
  const body = JSON.stringify({
    statusCode: 408,
    error: 'Request Timeout',
    message,
    errors: [{ code: 'request_timeout', message }], // as in api/error-codes.ts, which this room may not import
  });
  response.writeHead(408, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body, () => socket.destroy());
}
