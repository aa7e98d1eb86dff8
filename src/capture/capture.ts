import { Inject, Injectable } from '@nestjs/common';
import { Logger } from 'pino';
import { ByteTap, Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { AgentSession, Caller } from '../exchange/facts';
import { asksForWebSocket } from '../exchange/upgrade';
import { timeOf } from '../exchange/time-of';
import { clientOf } from '../logging/client';
import { LOGGER } from '../logging/logging.module';
import { meteredCall } from '../metering/metered-call';
import { Routes } from '../providers/routes';
import { CapturedCall } from './captured-call';
import { bodyHeaders, CaptureTap } from './capture-tap';
import { ContentWriter } from './content-writer';

/**
 * Observes calls whose content is to be kept, and copies it. A call that belongs to no session is in no trace, and is not kept;
 * of some that is known only when they have ended.
 */
@Injectable()
export class Capture implements ExchangeObserver {
  constructor(
    private readonly routes: Routes,
    private readonly writer: ContentWriter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onForward(exchange: Exchange): ByteTap | undefined {
    const { agentSession, caller, request } = exchange;
    // The messages of a WebSocket are no bodies, and may go on for hours.
    if (!exchange.keepsContent || caller === undefined || asksForWebSocket(request)) return undefined;
    if (agentSession === undefined || isNone(agentSession)) return undefined;
    const headers = bodyHeaders((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    });
    return new CaptureTap(this.writer.buffer, caller.userId, headers, (bodies) => {
      exchange.bodyDigests = { request: bodies.request.sha256, response: bodies.response.sha256 };
      this.finish(exchange, caller, agentSession, bodies).catch((error: unknown) =>
        this.logger.error({ err: error, request_id: exchange.id }, 'The content of a call is not kept'),
      );
    });
  }

  private async finish(
    exchange: Exchange,
    { userId }: Caller,
    agentSession: AgentSession | Promise<AgentSession>,
    bodies: CapturedCall['bodies'],
  ): Promise<void> {
    const { sessionId, agentId } = await agentSession;
    if (sessionId === null || !exchange.hasReachedUpstream) {
      this.writer.buffer.giveBackBodies(userId, bodies);
      return;
    }
    const { id, orgId = null, providerId, request, startedAt, target } = exchange;
    const { format } = meteredCall(this.routes.get(providerId).provider, request.method ?? '', target);
    const session = { userId, orgId, client: clientOf(request.headers), sessionId };
    const isOfMainAgent = agentId === null;
    const redacts = exchange.redactsContent;
    this.writer.add({ id, at: timeOf(startedAt), session, isOfMainAgent, format, redacts, bodies });
  }
}

/** Tells whether it is known that a call belongs to no session. */
function isNone(session: AgentSession | Promise<AgentSession>): boolean {
  return !(session instanceof Promise) && session.sessionId === null;
}
