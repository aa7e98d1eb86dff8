import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Area } from '../exchange/facts';
import { Exchanges } from '../exchange/exchanges';
import { PREFIXES } from '../providers/providers';
import { Route } from '../providers/route';
import { Routes } from '../providers/routes';
import { refuseTunnel } from './refused-tunnels';
import { refuseExpectation } from './unknown-expectations';
import { MAX_HEAD_BYTES } from './unreadable-requests';

/** Of silence, until the system asks whether the client is still there (TCP keep-alive). */
const KEEP_ALIVE_MS = 60_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Express for everything but the proxy, whose handler gets the request straight from node:http: no router sees the target,
 * which is the upstream's to judge, and Express does not give request and response another prototype, which makes every
 * later step on them slow.
 */
export class ProxyFirstAdapter extends ExpressAdapter {
  private exchanges?: Exchanges;
  private proxy: Handler = () => {
    throw new Error('The server listens before it is put together');
  };

  /** @param routes says which requests are the proxy's. */
  constructor(private readonly routes: Routes) {
    const instance = express();
    instance.enable('case sensitive routing'); // Express reads it once, as soon as Nest's own constructor uses the instance
    super(instance);
  }

  /** @param exchanges where each request begins one, in front of everything. */
  beginIn(exchanges: Exchanges): void {
    this.exchanges = exchanges;
  }

  /** @param handler takes the proxy's requests (server/direct-handler.ts). */
  proxyBy(handler: Handler): void {
    this.proxy = handler;
  }

  /** Called by Nest; TLS is the reverse proxy's. */
  override initHttpServer(): void {
    const options = {
      maxHeaderSize: MAX_HEAD_BYTES,
      // A client whose link goes down without a word would keep its upstream request forever.
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
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
  }

  /** @returns the provider for which the proxy has to answer; undefined when the request is not the proxy's. */
  private begin(request: IncomingMessage, response: ServerResponse): Route | undefined {
    const { url = '' } = request;
    const below = this.routes.below(url);
    const route = below ?? this.routes.misplaced(url);
    const exchange = this.exchanges?.begin(request, response, below === undefined ? areaOf(url) : 'proxy');
    if (exchange !== undefined) exchange.providerId = route?.provider.id;
    return route;
  }

  /** Nest's way to register the handler of an `@All()`; the proxy's has been made without it. */
  override all(...route: unknown[]): unknown {
    if (PREFIXES.some((prefix) => route[0] === prefix)) return undefined;
    return (super.all as (...route: unknown[]) => unknown).apply(this, route);
  }
}

function areaOf(target: string): Area {
  if (target.startsWith('/api/')) return 'api';
  return target.startsWith('/health/') ? 'health' : 'pages';
}
