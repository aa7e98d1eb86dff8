import { Inject, Injectable } from '@nestjs/common';
import { Logger } from 'pino';
import { ByteTap, Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { Caller } from '../exchange/facts';
import { clientOf } from '../logging/client';
import { LOGGER } from '../logging/logging.module';
import { Routes } from '../providers/routes';
import { agentSessionOf } from './agent-session';
import { AnsweredCallsRepository } from './answered-calls.repository';
import { CallRow } from './call-row';
import { kindOfClient } from './client-kind';
import { LedgerObserver } from './ledger-observer';
import { LedgerService } from './ledger.service';
import { meteredCall } from './metered-call';
import { ResponseSessions } from './response-sessions';
import { CONVERSATIONS, SessionLinks } from './session-links';
import { ConversationScope, SessionMemory } from './session-memory';
import { SessionTap } from './session-tap';

/**
 * Finds the agent session that each call belongs to: that of its headers, or else of its body; or that of the call that it
 * follows; or that whose conversation it goes on with; or else it begins one, which has the id of the exchange.
 */
@Injectable()
export class AgentSessions implements ExchangeObserver, LedgerObserver {
  private readonly memory = new SessionMemory();
  private readonly responses: ResponseSessions;

  constructor(
    private readonly routes: Routes,
    ledger: LedgerService,
    answered: AnsweredCallsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.responses = new ResponseSessions((responses) => answered.sessionsOf(responses));
    ledger.observe(this);
  }

  onForward(exchange: Exchange): ByteTap | undefined {
    const { caller, request, target, providerId } = exchange;
    const { provider } = this.routes.get(providerId);
    const said = agentSessionOf(request.headers, provider);
    exchange.agentSession = said;
    if (said.sessionId !== null || caller === undefined) return undefined;
    const conversation = CONVERSATIONS[meteredCall(provider, request.method ?? '', target).endpoint];
    if (conversation === undefined) return undefined;
    const tap = new SessionTap(conversation, request.headers['content-encoding']);
    exchange.agentSession = tap.links
      .then((links) => this.sessionOf(exchange, caller, links))
      .catch((error: unknown) => {
        this.logger.warn({ err: error, request_id: exchange.id }, 'The session of a call could not be found');
        return null;
      })
      .then((sessionId) => ({ ...said, sessionId }));
    return tap;
  }

  recorded({ user_id, org_id, client, message_id, agent_session_id }: CallRow): void {
    if (message_id === null || agent_session_id === null) return;
    const scope = { userId: user_id, orgId: org_id, clientKind: kindOfClient(client) };
    this.memory.rememberAnswer(scope, message_id, agent_session_id);
  }

  /** @returns null for a call that belongs to no session: it never reached its upstream, or its body has no conversation. */
  private async sessionOf(exchange: Exchange, caller: Caller, links: SessionLinks): Promise<string | null> {
    if (!exchange.hasReachedUpstream) return null;
    if (links.sessionId !== undefined) return links.sessionId;
    const client = clientOf(exchange.request.headers);
    const scope = {
      userId: caller.userId,
      orgId: exchange.orgId ?? null,
      clientKind: kindOfClient(client),
      proxyTokenId: exchange.proxyTokenId ?? null,
    };
    if (links.previousId !== undefined)
      return (await this.followed(scope, client, links.previousId)) ?? exchange.id;
    return links.messages === 0 ? null : this.continued(scope, links, exchange.id);
  }

  private async followed(
    scope: ConversationScope,
    client: string | null,
    previousId: string,
  ): Promise<string | undefined> {
    const { userId: user_id, orgId: org_id } = scope;
    return (
      this.memory.sessionOfAnswer(scope, previousId) ??
      (await this.responses.find({ user_id, org_id, client, response_id: previousId }))
    );
  }

  /** Returns the session of a conversation of which nothing but the messages is known. Its first message goes on with none. */
  private continued(
    scope: ConversationScope,
    { messages, lists, isWhole }: SessionLinks,
    newId: string,
  ): string {
    const known = messages === 1 ? undefined : this.memory.sessionOfConversation(scope, lists);
    const sessionId = known ?? newId;
    const whole = lists.at(-1);
    if (isWhole && whole !== undefined) this.memory.rememberConversation(scope, whole, sessionId);
    return sessionId;
  }
}
