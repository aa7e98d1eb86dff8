import { AgentSessionEntity } from '../metering/agent-session.entity';
import { CallEntity } from '../metering/call.entity';
import { callSpan, sessionTraceId } from '../telemetry/call-span';
import { attributesOf, idOf, Span, timesOf, traceRequest } from '../telemetry/otlp-json';
import { Agent } from './agent-tree';

/** SpanKind of OpenTelemetry. */
const INTERNAL = 1;

/**
 * Returns the spans of a trace as OpenTelemetry's JSON (ExportTraceServiceRequest): a span for each agent, and within it one for
 * each of its calls. Nothing in them was said by anybody.
 */
export function otlpTrace(session: AgentSessionEntity, agents: readonly Agent<CallEntity>[]): object {
  const traceId = sessionTraceId(session.userId, session.orgId, session.sessionId);
  const spans = agents.flatMap((agent) => [
    agentSpan(traceId, session, agent),
    ...agent.calls.map((call) => callSpan(call, { traceId, parentSpanId: agentSpanId(session, agent.id) })),
  ]);
  return traceRequest({ 'service.name': 'tracevault' }, spans);
}

function agentSpan(
  traceId: string,
  session: AgentSessionEntity,
  { id, parentId, calls, descendants }: Agent<CallEntity>,
): Span {
  const all = [calls, ...descendants.map((one) => one.calls)].flat();
  const times = all.map(({ at, ms }) => [at.getTime(), at.getTime() + ms] as const);
  return {
    traceId,
    spanId: agentSpanId(session, id),
    ...(id !== null && { parentSpanId: agentSpanId(session, parentId) }),
    name: 'invoke_agent',
    kind: INTERNAL,
    ...timesOf(Math.min(...times.map(([start]) => start)), Math.max(...times.map(([, end]) => end))),
    attributes: attributesOf({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.conversation.id': session.sessionId,
      'gen_ai.agent.id': id,
    }),
  };
}

function agentSpanId({ id }: AgentSessionEntity, agentId: string | null): string {
  return idOf(`${id} ${agentId ?? ''}`, 8);
}
