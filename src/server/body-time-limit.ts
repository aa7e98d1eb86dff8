import { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Makes an observer of requests that bounds the time which a request's body may take to arrive. Without it, one byte every
 * now and then would hold a connection for as long as the largest upload may take. Once the body is in, nothing is limited.
 * @param isExempt tells which raw targets take large bodies.
 * @param ms the time from the request's head to the body's last byte, in milliseconds.
 */
export function limitBodyTime(isExempt: (target: string) => boolean, ms: number) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { headers, url = '' } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (!hasBody || isExempt(url)) return;
    const timer = setTimeout(() => {
      if (!request.complete) refuse(request, response, ms);
    }, ms);
    request.once('close', () => {
      clearTimeout(timer);
    });
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, ms: number): void {
  const { socket } = request;
  if (response.headersSent) {
    socket.destroy();
    return;
  }
  const message = `The body did not arrive within ${ms / 1000} seconds. Send it again, faster.`;
  const body = JSON.stringify({ statusCode: 408, error: 'Request Timeout', message });
  response.writeHead(408, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body, () => socket.destroy());
}
