import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { exchangesOn } from '../exchange/connection';
import { Area } from '../exchange/facts';
import { Exchanges } from '../exchange/exchanges';
import { asksForWebSocket } from '../exchange/upgrade';
import { Route } from '../providers/route';
import { PROXY_PATH, Routes } from '../providers/routes';
import { refuseTunnel } from './refused-tunnels';
import { responseOn, switchingRequest } from './switching';
import { refuseExpectation } from './unknown-expectations';
import { MAX_HEAD_BYTES } from './unreadable-requests';

/** The idle time before the first TCP keep-alive probe to a client, in milliseconds. */
const KEEP_ALIVE_MS = 60_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * An Express adapter that passes the proxy's requests to their handler straight from node:http. No router interprets their
 * target, which is for the upstream to judge, and Express does not replace the prototypes of request and response, which
 * would slow down every later operation on them.
 */
export class ProxyFirstAdapter extends ExpressAdapter {
  private exchanges?: Exchanges;
  private proxy: Handler = () => {
    throw new Error('The server listens before it is put together');
  };

  /**
   * @param routes decides which requests are the proxy's.
   * @param webSockets whether requests for a WebSocket are taken up where the provider speaks them.
   */
  constructor(
    private readonly routes: Routes,
    private readonly webSockets: boolean,
  ) {
    const instance = express();
    instance.enable('case sensitive routing'); // Express reads it once, when Nest's constructor first uses the instance
    super(instance);
  }

  /** Sets the registry in which every request begins an exchange, before any other handling. */
  beginIn(exchanges: Exchanges): void {
    this.exchanges = exchanges;
  }

  /** Sets the handler of the proxy's requests (server/direct-handler.ts). */
  proxyBy(handler: Handler): void {
    this.proxy = handler;
  }

  /** Creates the HTTP server; called by Nest. TLS is left to the reverse proxy. */
  override initHttpServer(): void {
    const options = {
      maxHeaderSize: MAX_HEAD_BYTES,
      // Without probes, a client whose link goes down silently would keep its upstream request open forever.
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      ...(this.webSockets && { IncomingMessage: this.switchingRequest() }),
    };
    this.httpServer = createServer(options, (request, response) => {
      if (this.begin(request, response) !== undefined) this.proxy(request, response);
      else this.getInstance<Handler>()(request, response);
    })
      .on('checkExpectation', (request, response) => {
        const { provider } = this.begin(request, response) ?? this.routes.first;
        refuseExpectation(response, provider);
      })
      .on('connect', (request, socket) => {
        const { provider } = this.routes.below(request.url ?? '') ?? this.routes.first;
        refuseTunnel(request, socket as Socket, provider, (response) => this.begin(request, response));
      });
    if (this.webSockets)
      this.httpServer.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
        const response = responseOn(socket, request, head);
        this.begin(request, response);
        this.proxy(request, response);
      });
  }

  private switchingRequest(): typeof IncomingMessage {
    return switchingRequest((request) => {
      const { url = '', socket } = request;
      // Behind a request that is still being answered there is no connection to take over.
      if (!asksForWebSocket(request) || exchangesOn(socket).length > 0) return false;
      return this.routes.below(url)?.speaksWebSocketsAt(url) === true;
    });
  }

  /** Begins the request's exchange. @returns the route whose provider the request is for; undefined if it is not the proxy's. */
  private begin(request: IncomingMessage, response: ServerResponse): Route | undefined {
    const { url = '' } = request;
    const below = this.routes.below(url);
    const route = below ?? this.routes.misplaced(url);
    const exchange = this.exchanges?.begin(request, response, below === undefined ? areaOf(url) : 'proxy');
    if (exchange !== undefined) exchange.providerId = route?.provider.id;
    return route;
  }

  /** Registers the handler of an `@All()`; called by Nest. The proxy's is skipped, because its requests bypass the router. */
  override all(...route: unknown[]): unknown {
    if (route[0] === PROXY_PATH) return undefined;
    return (super.all as (...route: unknown[]) => unknown).apply(this, route);
  }
}

function areaOf(target: string): Area {
  if (target.startsWith('/api/')) return 'api';
  return target.startsWith('/health/') ? 'health' : 'pages';
}
