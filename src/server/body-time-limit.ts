import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { hasBody } from '../exchange/has-body';

/**
 * Makes an observer that bounds the time which a request's body may take to arrive. Without it, one byte every now and then
 * would hold a connection for as long as the largest upload may take. Once the body is in, nothing is limited, and neither
 * are the proxy's requests, which take large bodies.
 * @param ms the time from the request's head to the body's last byte, in milliseconds.
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
    errors: [{ code: 'request_timeout', message }], // as in api/error-codes.ts, which this room does not know
  });
  response.writeHead(408, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body, () => socket.destroy());
}
