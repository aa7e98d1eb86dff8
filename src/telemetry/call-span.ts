import { Outcome } from '../exchange/facts';
import { UsageState } from '../metering/usage';
import { attributesOf, idOf, Span, timesOf, Value } from './otlp-json';

/** SpanKind and StatusCode of OpenTelemetry. */
const CLIENT = 3;
const ERROR = 2;

/** What OpenTelemetry calls some providers; the others go by their own ids. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { gemini: 'gcp.gemini' };
const OPERATIONS: Readonly<Record<string, string>> = {
  messages: 'chat',
  responses: 'chat',
  'chat.completions': 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
  generate_content: 'generate_content',
};

/** A column of type `bigint`: a number on its way to the ledger, a string from the database. */
type Count = number | string;

/** What a span says of a call: the ledger has nothing of what was said. */
export interface SpanCall {
  readonly id: string;
  readonly at: Date;
  readonly ms: number;
  readonly userId: string;
  readonly orgId: string | null;
  readonly provider: string;
  readonly endpoint: string;
  readonly requestedModel: string | null;
  readonly model: string | null;
  readonly status: number | null;
  readonly outcome: Outcome;
  readonly usageState: UsageState;
  readonly inputTokens: Count;
  readonly cacheReadTokens: Count;
  readonly cacheWrite5mTokens: Count;
  readonly cacheWrite1hTokens: Count;
  readonly outputTokens: Count;
  readonly costNanoUsd: string | null;
  readonly agentSessionId: string | null;
  readonly agentId: string | null;
  readonly messageId: string | null;
  readonly stopReason: string | null;
}

/** Where a span belongs. */
export type SpanPlace = Pick<Span, 'traceId' | 'parentSpanId' | 'flags'>;

/**
 * Returns the span of a call, with the names of the semantic conventions for generative AI. Nothing in it was said by anybody.
 */
export function callSpan(call: SpanCall, place: SpanPlace): Span {
  const operation = OPERATIONS[call.endpoint] ?? call.endpoint;
  const model = call.requestedModel ?? call.model;
  const start = call.at.getTime();
  const errorType = errorTypeOf(call);
  return {
    ...place,
    spanId: idOf(call.id, 8),
    name: model === null ? operation : `${operation} ${model}`,
    kind: CLIENT,
    ...timesOf(start, start + call.ms),
    attributes: attributesOf(callAttributes(operation, errorType, call)),
    ...(errorType !== null && { status: { code: ERROR } }),
  };
}

/**
 * Returns the id of the trace of an agent's session, which is always the same. Session ids are what clients say: they mean nothing
 * across users.
 */
export function sessionTraceId(userId: string, orgId: string | null, sessionId: string): string {
  return idOf(`${userId} ${orgId ?? ''} ${sessionId}`, 16);
}

function errorTypeOf({ outcome, status }: SpanCall): string | null {
  if (outcome !== 'completed') return outcome;
  return status !== null && status >= 400 ? String(status) : null;
}

function callAttributes(operation: string, errorType: string | null, call: SpanCall): Record<string, Value> {
  const cacheWrites = Number(call.cacheWrite5mTokens) + Number(call.cacheWrite1hTokens);
  const hasUsage = call.usageState === 'measured' || call.usageState === 'estimated';
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': PROVIDER_NAMES[call.provider] ?? call.provider,
    'gen_ai.conversation.id': call.agentSessionId,
    'gen_ai.agent.id': call.agentId,
    'gen_ai.request.model': call.requestedModel,
    'gen_ai.response.model': call.model,
    'gen_ai.response.id': call.messageId,
    'gen_ai.response.finish_reasons': call.stopReason === null ? null : [call.stopReason],
    ...(hasUsage && {
      // Unlike in the ledger, tokens that were read from the cache or written to it are among them.
      'gen_ai.usage.input_tokens': Number(call.inputTokens) + Number(call.cacheReadTokens) + cacheWrites,
      'gen_ai.usage.cache_read.input_tokens': Number(call.cacheReadTokens),
      'gen_ai.usage.cache_creation.input_tokens': cacheWrites,
      'gen_ai.usage.output_tokens': Number(call.outputTokens),
    }),
    'http.response.status_code': call.status,
    'error.type': errorType,
    'user.id': call.userId,
    'tracevault.org.id': call.orgId,
    'tracevault.call.id': call.id,
    'tracevault.usage.state': call.usageState,
    'tracevault.cost.usd': call.costNanoUsd === null ? null : Number(call.costNanoUsd) / 1e9,
  };
}
