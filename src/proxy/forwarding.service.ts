import { Injectable } from '@nestjs/common';
import { Axios, isAxiosError } from 'axios';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Exchange } from '../exchange/exchange';
import { hasBody } from '../exchange/has-body';
import { isSwitching } from '../exchange/upgrade';
import { Route } from '../providers/route';
import { AccessWatch } from './access-watch';
import { BodyHead } from './body-head';
import { checkDeclaredLength } from './body-limit';
import { assertWebSocket, handshakeHeaders, switchHeaders } from './handshake';
import { Framing, keyHeader, requestHeaders, responseHeaders, UsedKey } from './header-policy';
import { ProxyError } from './proxy-error';
import { lingeringClose } from './lingering-close';
import { relay } from './relay';
import { UpstreamConnections } from './upstream-connections';
import { ConnectTimeoutError } from './upstream-failure';
import { Upload } from './upload';
import { WebSocketRelay } from './web-socket-relay';
import { UpstreamRequest } from './upstream-request';

/** Any other one says `content-length: 0` when it has no body; node:http would announce chunks that never come. */
const METHODS_WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];

/**
 * The upstream may close an idle connection in the moment that we use it. Asking again is harmless for these; a message
 * could be paid for twice, so that is the client's to decide.
 */
const SAFE_METHODS = ['GET', 'HEAD'];
const ATTEMPTS = 3;

const NOTHING = Buffer.alloc(0);

/** Where to, and as whom. */
export interface Destination extends UsedKey {
  readonly route: Route;
  /** Path and query, raw, as path-guard gives them. */
  readonly path: string;
  readonly bodyLimit: number;
  /** The first bytes of the request's body, if they had to be read before. */
  readonly head?: BodyHead | undefined;
}

/** The pipe: one request to the upstream, its answer back, byte for byte, both ways at the pace of the slower side. */
@Injectable()
export class ForwardingService {
  /** Bare: what axios.create() adds is for requests that it sends itself, and costs as much as sending one. */
  private readonly client = new Axios({});

  constructor(
    private readonly connections: UpstreamConnections,
    private readonly access: AccessWatch,
  ) {}

  /**
   * Resolves when the response's head has been passed on; its body follows at its own pace, and the exchange says how that
   * ends.
   * @throws ProxyError as long as nothing has been sent to the client.
   */
  async forward(
    exchange: Exchange,
    { route, path, bodyLimit, head, key, keySource }: Destination,
  ): Promise<void> {
    if (exchange.hasEnded) return; // the client left while its token and its key were looked up
    const { request, response } = exchange;
    const { method } = request;
    const { host, basePath, upstream: to } = this.connections.to(route.provider);
    checkDeclaredLength(request, bodyLimit);
    const upload = hasBody(request) ? new Upload(exchange, bodyLimit, head) : undefined;
    const isHandshake = isSwitching(request);
    const headers = isHandshake
      ? handshakeHeaders(route, request, host, { key, keySource })
      : requestHeaders(route, request.rawHeaders, host, framing(request), { key, keySource });
    const message = { method, path: basePath + path, headers, upload, isHandshake };
    const sent = new UpstreamRequest(to, message, exchange.attempts);
    const unwatch = request.complete ? undefined : this.abortWhenRevoked(exchange, sent, upload);
    exchange.onAbort = () => {
      unwatch?.();
      sent.abort();
    };

    const upstream = await this.send(sent, upload === undefined && SAFE_METHODS.includes(method ?? ''));
    const hasSwitched = upstream.statusCode === 101; // which nothing but a handshake can be answered with
    try {
      if (hasSwitched) assertWebSocket(upstream);
      response.writeHead(
        upstream.statusCode ?? 502,
        upstream.statusMessage,
        (hasSwitched ? switchHeaders : responseHeaders)(route, upstream.rawHeaders),
      );
    } catch (error) {
      if (hasSwitched) upstream.socket.destroy();
      sent.abort();
      throw new ProxyError('upstream_unreachable', error); // a status or header that HTTP doesn't allow
    }
    exchange.sendHead(upstream.statusCode ?? 502, upstream.rawHeaders);
    if (hasSwitched) {
      response.end(); // the head is all of it; what follows belongs to the sockets
      this.startWebSocket(exchange, new WebSocketRelay(exchange, route, upstream.socket));
      return;
    }
    relay(upstream, exchange, () => {
      unwatch?.(); // what has been answered runs to its end
      upload?.stop(); // the upstream needed no more than it has
      lingeringClose(request, response);
    });
    // The first event can be minutes away, and clients wait for the head. Not flushHeaders(): it re-encodes as UTF-8.
    // Behind relay(), so that a body that is there already goes out with the head, in one packet.
    if (!isBodyless(request, response)) response.write(NOTHING);
  }

  /**
   * Sends a GET of the server's own, with nothing of any client's in it.
   * @param destination whose path is one of the API, behind the base's own.
   * @param headers beside `host` and the key's: name, value, name, value, ...
   * @param signal ends the request wherever it is, and the response's body with it.
   * @throws ProxyError when there is no response.
   */
  async get(
    { route, path, key }: Pick<Destination, 'route' | 'path' | 'key'>,
    headers: readonly string[],
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { host, basePath, upstream } = this.connections.to(route.provider);
    const message = {
      method: 'GET',
      path: basePath + path,
      headers: ['host', host, ...headers, ...keyHeader(route, key)],
      upload: undefined,
    };
    const sent = new UpstreamRequest(upstream, message, []);
    const abort = (): void => sent.abort();
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return this.send(sent, true);
  }

  /** Watches a WebSocket for as long as it is open: each message is a request of its own. */
  private startWebSocket(exchange: Exchange, webSocket: WebSocketRelay): void {
    webSocket.start();
    const unwatch = this.access.add(exchange, webSocket);
    exchange.onAbort = () => {
      unwatch();
      webSocket.abort();
    };
  }

  /** Watches a request whose body is still to come. @returns what ends the watch. */
  private abortWhenRevoked(
    exchange: Exchange,
    sent: UpstreamRequest,
    upload: Upload | undefined,
  ): () => void {
    return this.access.add(exchange, {
      hold: () => upload?.hold(),
      release: () => upload?.release(),
      refuse: (error) => {
        // The response may have begun; then there is no other one, and it breaks off.
        if (exchange.response.headersSent) exchange.failResponse(error);
        sent.refuse(error);
      },
    });
  }

  private async send(sent: UpstreamRequest, isHarmless: boolean): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { data } = await this.client.request<IncomingMessage>({ adapter: sent.adapter });
        return data;
      } catch (error) {
        if (!isHarmless || !sent.metStaleSocket || attempt === ATTEMPTS) throw asProxyError(error);
      }
    }
  }
}

/** Of these the head is all there is, and goes out when the upstream's answer ends, which is at once. */
function isBodyless({ method }: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304;
}

function framing(request: IncomingMessage): Framing {
  if (hasBody(request)) return 'chunked';
  return METHODS_WITHOUT_BODY.includes(request.method ?? 'GET') ? 'none' : 'empty';
}

function asProxyError(error: unknown): ProxyError {
  const cause = isAxiosError(error) ? (error.cause ?? error) : error;
  if (cause instanceof ProxyError) return cause;
  return new ProxyError(
    cause instanceof ConnectTimeoutError ? 'upstream_connect_timeout' : 'upstream_unreachable',
    cause,
  );
}
