import { IncomingMessage } from 'node:http';
import { hasBody } from './has-body';

/**
 * Tells whether a request asks to switch to another protocol (RFC 9110 7.8): `Upgrade` names one, and `Connection` says that
 * it is meant for this server. In HTTP/1.0 a server has to ignore it.
 */
export function asksForUpgrade({ headers, httpVersion }: IncomingMessage): boolean {
  const { upgrade, connection } = headers;
  if (upgrade === undefined || upgrade === '' || connection === undefined || httpVersion === '1.0')
    return false;
  return connection.split(',').some((option) => option.trim().toLowerCase() === 'upgrade');
}

/** Tells whether a request asks to switch to a WebSocket, and to nothing else (RFC 6455 4.1). */
export function asksForWebSocket(request: IncomingMessage): boolean {
  if (request.method !== 'GET' || !asksForUpgrade(request) || hasBody(request)) return false;
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Tells whether the server took an upgrade up: node:http has handed the connection over (server/switching.ts). */
export function isSwitching(request: IncomingMessage & { readonly upgrade?: boolean | null }): boolean {
  return request.upgrade === true;
}
