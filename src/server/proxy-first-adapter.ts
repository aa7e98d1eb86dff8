import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Area } from '../exchange/facts';
import { Exchanges } from '../exchange/exchanges';
import { refuseTunnel } from './refused-tunnels';
import { refuseExpectation } from './unknown-expectations';
import { MAX_HEAD_BYTES } from './unreadable-requests';

/** Of silence, until the system asks whether the client is still there (TCP keep-alive). */
const KEEP_ALIVE_MS = 60_000;

/** Which requests are the proxy's. */
export interface ProxyTargets {
  /** The route that the proxy's controller asks Nest for. */
  readonly route: string;
  /** Whether a request's raw target is the proxy's to take. */
  readonly isProxyTarget: (target: string) => boolean;
  /** Whether it is meant for the proxy, and the proxy has to say that it is wrong. */
  readonly isMisplaced: (target: string) => boolean;
}

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

  constructor(private readonly targets: ProxyTargets) {
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
      // A client whose link goes down without a word would keep its upstream request for ever.
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    };
    this.httpServer = createServer(options, (request, response) => {
      const area = this.begin(request, response);
      if (area === 'proxy' || this.targets.isMisplaced(request.url ?? '')) this.proxy(request, response);
      else this.getInstance<Handler>()(request, response);
    })
      .on('checkExpectation', (request, response) => {
        this.begin(request, response);
        refuseExpectation(response);
      })
      .on('connect', (request, socket) => {
        refuseTunnel(request, socket as Socket, (response) => this.begin(request, response));
      });
  }

  /** @returns what the request is for. */
  private begin(request: IncomingMessage, response: ServerResponse): Area {
    const { url = '' } = request;
    const area = this.targets.isProxyTarget(url) ? 'proxy' : areaOf(url);
    this.exchanges?.begin(request, response, area);
    return area;
  }

  /** Nest's way to register the handler of an `@All()`; the proxy's has been made without it. */
  override all(...route: unknown[]): unknown {
    if (route[0] === this.targets.route) return undefined;
    return (super.all as (...route: unknown[]) => unknown).apply(this, route);
  }
}

function areaOf(target: string): Area {
  if (target.startsWith('/api/')) return 'api';
  return target.startsWith('/health/') ? 'health' : 'pages';
}
