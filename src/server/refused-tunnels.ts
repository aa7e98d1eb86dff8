import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { exchangesOn } from '../exchange/connection';
import { exchangeOf } from '../exchange/exchange-of';
import { Provider } from '../providers/provider';
import { refusalOf } from './refusal';

const messageFor = ({ clients }: Provider): string =>
  `This server is no forward proxy and opens no tunnels (CONNECT). Give its base URL to the agent (${clients.baseUrl}), ` +
  'not its address as HTTPS_PROXY.';

/**
 * Refuses a CONNECT request with 405; node:http would drop it without a response or a log line. If another response is still
 * open on the connection, a second one would look like part of it, so the connection is closed instead.
 * @param provider the provider whose error format the response has.
 * @param show begins the exchange of the response before it is sent.
 */
export function refuseTunnel(
  request: IncomingMessage,
  socket: Socket,
  provider: Provider,
  show: (response: ServerResponse) => void,
): void {
  socket.on('error', () => socket.destroy()); // node:http has released the connection, and an unhandled reset would end the process
  const isAlone = exchangesOn(socket).length === 0;
  const response = new ServerResponse(request);
  if (isAlone) response.assignSocket(socket);
  show(response);
  exchangeOf(response).fail({ outcome: 'rejected' });
  if (!isAlone) {
    socket.destroy();
    return;
  }
  const { contentType, body, noRetry } = refusalOf(provider, 405, messageFor(provider));
  response.writeHead(405, {
    allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    [noRetry[0]]: noRetry[1],
  });
  response.end(body, () => socket.destroySoon());
}
