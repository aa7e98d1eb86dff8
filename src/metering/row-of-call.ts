import { createHash } from 'node:crypto';
import { Exchange } from '../exchange/exchange';
import { AgentSession } from '../exchange/facts';
import { timeOf } from '../exchange/time-of';
import { clientOf } from '../logging/client';
import { Provider } from '../providers/provider';
import { CallRow } from './call-row';
import { Cost } from './cost';
import { costColumns } from './cost-columns';
import { priceFactsOf } from './price-facts';
import { shown } from './shown';
import { Usage } from './usage';

/** The largest number of PostgreSQL's `integer`. */
const MAX_INTEGER = 2 ** 31 - 1;

/** What is written into the ledger about an exchange beside its usage. */
export type ExchangeFacts = Omit<CallRow, keyof ReturnType<typeof usageColumns> | 'endpoint' | 'once_key'>;

/** Returns the facts of an exchange that has ended; undefined for one that never reached its upstream. */
export function factsOf(
  exchange: Exchange,
  provider: Provider,
  { sessionId, agentId, parentAgentId }: AgentSession,
): ExchangeFacts | undefined {
  const { caller, outcome, response, request, startedAt, endedAt, lastAttempt } = exchange;
  if (caller === undefined || outcome === undefined) return undefined;
  if (lastAttempt === undefined || !exchange.hasReachedUpstream) return undefined;
  return {
    id: exchange.id,
    at: timeOf(startedAt).toISOString(),
    user_id: caller.userId,
    org_id: exchange.orgId ?? null,
    proxy_token_id: exchange.proxyTokenId ?? null,
    key_source: exchange.keySource ?? null,
    provider: provider.id,
    status: response.headersSent ? response.statusCode : null,
    outcome,
    agent_session_id: sessionId,
    agent_id: agentId,
    parent_agent_id: parentAgentId,
    client: clientOf(request.headers),
    upstream_request_id: shown(lastAttempt.requestId),
    ms_to_first_byte: millisecondsTo(exchange.responseHeadAt, startedAt),
    ms: millisecondsTo(endedAt, startedAt) ?? 0,
    request_bytes: exchange.requestBytes,
    response_bytes: exchange.responseBytes,
    request_sha256: digestColumn(exchange.bodyDigests?.request),
    response_sha256: digestColumn(exchange.bodyDigests?.response),
  };
}

/** Returns the columns of a row about what a call used and what that costs. */
export function usageColumns(usage: Usage, cost: Cost | undefined) {
  const sum = (kind: 'input' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'output'): number =>
    usage.parts.reduce((total, part) => total + part[kind], 0);
  return {
    requested_model: shown(usage.requestedModel),
    model: shown(usage.model),
    usage_state: usage.state,
    input_tokens: sum('input'),
    cache_read_tokens: sum('cacheRead'),
    cache_write_5m_tokens: sum('cacheWrite5m'),
    cache_write_1h_tokens: sum('cacheWrite1h'),
    output_tokens: sum('output'),
    thinking_tokens: usage.thinkingTokens,
    web_searches: Math.min(usage.webSearches, MAX_INTEGER),
    ...costColumns(cost),
    price_facts: priceFactsOf(usage, cost?.price),
    message_id: shown(usage.messageId),
    stop_reason: shown(usage.stopReason),
  };
}

/**
 * Joins what is known of a call to its row. Not by a literal that spreads three objects: V8 adds the properties of all but the
 * first one by one, which takes 60 µs, and this 4.
 */
export function rowOf(
  own: Pick<CallRow, 'endpoint' | 'once_key'>,
  facts: ExchangeFacts,
  columns: ReturnType<typeof usageColumns>,
): CallRow {
  return Object.assign(own, facts, columns);
}

/** Returns a short text that stands for a longer one, whoever has chosen that. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function digestColumn(digest: Buffer | undefined): string | null {
  return digest === undefined ? null : `\\x${digest.toString('hex')}`;
}

function millisecondsTo(moment: number | undefined, since: number): number | null {
  return moment === undefined ? null : Math.round(moment - since);
}
