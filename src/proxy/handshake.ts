import { IncomingMessage } from 'node:http';
import { Route } from '../providers/route';
import { requestHeaders, responseHeaders, UsedKey } from './header-policy';
import { forwardedSubProtocols, SUB_PROTOCOLS } from './sub-protocols';

const SWITCH = ['connection', 'Upgrade', 'upgrade', 'websocket'];
const REQUEST_NAMES = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];
const RESPONSE_NAMES = ['sec-websocket-accept', 'sec-websocket-extensions', SUB_PROTOCOLS];

/** Returns the headers of a WebSocket's handshake with the provider: those of any request, and the handshake's own. */
export function handshakeHeaders(
  route: Route,
  { rawHeaders, headers }: IncomingMessage,
  host: string,
  used: UsedKey,
): string[] {
  const { webSockets } = route.provider;
  const offered = headers[SUB_PROTOCOLS]; // node:http joins repeated ones
  const protocols =
    webSockets === undefined ? [] : forwardedSubProtocols(offered, webSockets, used.keySource);
  return [
    ...without(requestHeaders(route, rawHeaders, host, 'none', used), 'content-length'),
    ...SWITCH,
    ...only(rawHeaders, REQUEST_NAMES),
    ...(protocols.length === 0 ? [] : ['sec-websocket-protocol', protocols.join(', ')]),
  ];
}

/** Returns the headers with which the client is told that its handshake succeeded. */
export function switchHeaders(route: Route, raw: readonly string[]): string[] {
  const passed = without(responseHeaders(route, raw), 'content-length'); // a 101 has no body, whatever it says
  return [...passed, ...SWITCH, ...only(raw, RESPONSE_NAMES)];
}

function only(raw: readonly string[], names: readonly string[]): string[] {
  return pick(raw, (name) => names.includes(name));
}

function without(raw: readonly string[], dropped: string): string[] {
  return pick(raw, (name) => name !== dropped);
}

function pick(raw: readonly string[], isPicked: (name: string) => boolean): string[] {
  return raw.filter((_, index) => isPicked(raw[index - (index % 2)]?.toLowerCase() ?? ''));
}

/** @throws Error if the upstream has switched to anything but a WebSocket. */
export function assertWebSocket({ headers }: IncomingMessage): void {
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    throw new Error('The upstream switched to another protocol than a WebSocket');
}
