import { ApiProperty } from '@nestjs/swagger';
import { KeySource, OUTCOMES, Outcome } from '../exchange/facts';
import { ENDPOINTS } from '../providers/metered-endpoint';
import { CallEntity } from './call.entity';
import { usdOf } from './decimal';
import { shownTokens } from './shown-sums';
import { USAGE_STATES, UsageState } from './usage';

/** A call that reached its provider. */
export class CallDto {
  @ApiProperty({ example: 'req_tv_0123456789abcdef01234567', description: 'The request id of the proxy.' })
  id!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  org_id!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  proxy_token_id!: string | null;

  @ApiProperty({ enum: ['own', 'organization'] satisfies KeySource[], nullable: true })
  key_source!: KeySource | null;

  @ApiProperty({ example: 'anthropic' })
  provider!: string;

  @ApiProperty({ enum: [...ENDPOINTS, 'batches.result'], example: 'messages' })
  endpoint!: string;

  @ApiProperty({ type: String, nullable: true })
  requested_model!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The model that answered.' })
  model!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: the client left before there was one.' })
  status!: number | null;

  @ApiProperty({ enum: OUTCOMES })
  outcome!: Outcome;

  @ApiProperty({
    enum: USAGE_STATES,
    description:
      '`measured`: the provider said it. `estimated`: a floor, of a call that broke off. `unreadable`: not known. `none`: there is none.',
  })
  usage_state!: UsageState;

  @ApiProperty({ description: 'Uncached input.' })
  input_tokens!: number;

  @ApiProperty()
  cache_read_tokens!: number;

  @ApiProperty()
  cache_write_5m_tokens!: number;

  @ApiProperty()
  cache_write_1h_tokens!: number;

  @ApiProperty({ description: 'Output, thinking included.' })
  output_tokens!: number;

  @ApiProperty({ description: 'A part of the output.' })
  thinking_tokens!: number;

  @ApiProperty()
  web_searches!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '0.0123',
    description: 'Exact; null if it is not known.',
  })
  cost_usd!: string | null;

  @ApiProperty({ type: String, nullable: true })
  price_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  agent_session_id!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Of a subagent; null for the main agent.' })
  agent_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  parent_agent_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  client!: string | null;

  @ApiProperty({ type: String, nullable: true })
  upstream_request_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  message_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  stop_reason!: string | null;

  @ApiProperty({ type: Number, nullable: true })
  ms_to_first_byte!: number | null;

  @ApiProperty()
  ms!: number;

  @ApiProperty()
  request_bytes!: number;

  @ApiProperty()
  response_bytes!: number;

  static of(call: CallEntity): CallDto {
    return {
      id: call.id,
      at: call.at.toISOString(),
      user_id: call.userId,
      org_id: call.orgId,
      proxy_token_id: call.proxyTokenId,
      key_source: call.keySource,
      provider: call.provider,
      endpoint: call.endpoint,
      requested_model: call.requestedModel,
      model: call.model,
      status: call.status,
      outcome: call.outcome,
      usage_state: call.usageState,
      ...shownTokens(call),
      thinking_tokens: Number(call.thinkingTokens),
      web_searches: call.webSearches,
      cost_usd: shownCost(call),
      price_id: call.priceId,
      agent_session_id: call.agentSessionId,
      agent_id: call.agentId,
      parent_agent_id: call.parentAgentId,
      client: call.client,
      upstream_request_id: call.upstreamRequestId,
      message_id: call.messageId,
      stop_reason: call.stopReason,
      ms_to_first_byte: call.msToFirstByte,
      ms: call.ms,
      request_bytes: Number(call.requestBytes),
      response_bytes: Number(call.responseBytes),
    };
  }
}

/** Returns the cost of a call as it is shown: exact, and null if it is not known. */
export function shownCost({ costNanoUsd }: Pick<CallEntity, 'costNanoUsd'>): string | null {
  return costNanoUsd === null ? null : usdOf(BigInt(costNanoUsd));
}
