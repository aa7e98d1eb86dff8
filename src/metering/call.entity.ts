import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { KeySource, Outcome } from '../exchange/facts';
import { StoredPriceFacts } from './price-facts';
import { TokenColumns } from './token-columns';
import { UsageState } from './usage';

/** A line of a call's cost as the table holds it: category, model, quantity, USD per unit, multiplier, nano-dollars. */
export type StoredCostLine = readonly [string, string | null, number, string | null, string, string];

/**
 * A call that reached its upstream: who, when, which model, how many tokens and what it cost. The table is partitioned by
 * month; its rows have no foreign keys, since what was spent stays when a user or an organization goes. Columns of type
 * `bigint` are strings in JavaScript.
 */
@Entity('calls')
@Index('calls_user_id_at_idx', ['userId', 'at'])
@Index('calls_org_id_at_idx', ['orgId', 'at'])
@Index('calls_user_id_message_id_idx', ['userId', 'messageId'], { where: `"endpoint" = 'responses'` })
export class CallEntity extends TokenColumns {
  /** The id of the exchange, which the client knows as the request id of the proxy. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'calls_pkey' })
  id!: string;

  /** When the request came in. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'calls_pkey' })
  at!: Date;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('uuid', { name: 'org_id', nullable: true })
  orgId!: string | null;

  @Column('uuid', { name: 'proxy_token_id', nullable: true })
  proxyTokenId!: string | null;

  @Column('text', { name: 'key_source', nullable: true })
  keySource!: KeySource | null;

  @Column('text')
  provider!: string;

  @Column('text')
  endpoint!: string;

  @Column('text', { name: 'requested_model', nullable: true })
  requestedModel!: string | null;

  @Column('text', { nullable: true })
  model!: string | null;

  @Column('smallint', { nullable: true })
  status!: number | null;

  @Column('text')
  outcome!: Outcome;

  @Column('text', { name: 'usage_state' })
  usageState!: UsageState;

  /** A part of the output tokens. */
  @Column('bigint', { name: 'thinking_tokens' })
  thinkingTokens!: string;

  @Column('integer', { name: 'web_searches' })
  webSearches!: number;

  /** Billionths of a US dollar; null if the cost is not known. */
  @Column('bigint', { name: 'cost_nano_usd', nullable: true })
  costNanoUsd!: string | null;

  @Column('jsonb', { name: 'cost_lines', nullable: true })
  costLines!: readonly StoredCostLine[] | null;

  @Column('text', { name: 'price_id', nullable: true })
  priceId!: string | null;

  /** What the price depends on beside model, tokens and time; null without usage, and of calls from before there was this column. */
  @Column('jsonb', { name: 'price_facts', nullable: true })
  priceFacts!: StoredPriceFacts | null;

  @Column('text', { name: 'agent_session_id', nullable: true })
  agentSessionId!: string | null;

  @Column('text', { name: 'agent_id', nullable: true })
  agentId!: string | null;

  @Column('text', { name: 'parent_agent_id', nullable: true })
  parentAgentId!: string | null;

  @Column('text', { nullable: true })
  client!: string | null;

  @Column('text', { name: 'upstream_request_id', nullable: true })
  upstreamRequestId!: string | null;

  @Column('text', { name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column('text', { name: 'stop_reason', nullable: true })
  stopReason!: string | null;

  @Column('integer', { name: 'ms_to_first_byte', nullable: true })
  msToFirstByte!: number | null;

  @Column('integer')
  ms!: number;

  @Column('bigint', { name: 'request_bytes' })
  requestBytes!: string;

  @Column('bigint', { name: 'response_bytes' })
  responseBytes!: string;

  /** The SHA-256 of the bytes that have passed; null unless the content of the call was to be kept. */
  @Column('bytea', { name: 'request_sha256', nullable: true })
  requestSha256!: Buffer | null;

  @Column('bytea', { name: 'response_sha256', nullable: true })
  responseSha256!: Buffer | null;
}
