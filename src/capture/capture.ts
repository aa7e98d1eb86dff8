import { Injectable } from '@nestjs/common';
import { ByteTap, Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { asksForWebSocket } from '../exchange/upgrade';
import { timeOf } from '../exchange/time-of';
import { clientOf } from '../logging/client';
import { agentSessionOf } from '../metering/agent-session';
import { meteredCall } from '../metering/metered-call';
import { Routes } from '../providers/routes';
import { bodyHeaders, CaptureTap } from './capture-tap';
import { ContentWriter } from './content-writer';

/** Observes calls whose content is to be kept, and copies it. A call without a session id is in no trace, and is not kept. */
@Injectable()
export class Capture implements ExchangeObserver {
  constructor(
    private readonly routes: Routes,
    private readonly writer: ContentWriter,
  ) {}

  onForward(exchange: Exchange): ByteTap | undefined {
    const { caller, orgId = null, request, providerId } = exchange;
    // The messages of a WebSocket are no bodies, and may go on for hours.
    if (!exchange.keepsContent || caller === undefined || asksForWebSocket(request)) return undefined;
    const { provider } = this.routes.get(providerId);
    const { sessionId, agentId } = agentSessionOf(request.headers, provider);
    if (sessionId === null) return undefined;
    const session = { userId: caller.userId, orgId, client: clientOf(request.headers), sessionId };
    const headers = bodyHeaders((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    });
    const at = timeOf(exchange.startedAt);
    return new CaptureTap(this.writer.buffer, caller.userId, headers, (bodies) => {
      const { format } = meteredCall(provider, request.method ?? '', exchange.target);
      exchange.bodyDigests = { request: bodies.request.sha256, response: bodies.response.sha256 };
      const isOfMainAgent = agentId === null;
      const redacts = exchange.redactsContent;
      const call = { id: exchange.id, at, session, isOfMainAgent, format, redacts, bodies };
      if (exchange.hasReachedUpstream) this.writer.add(call);
      else this.writer.discard(call);
    });
  }
}
