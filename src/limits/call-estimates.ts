import { Injectable } from '@nestjs/common';
import { isExchangeId } from '../exchange/exchange';
import { CallRow } from '../metering/call-row';
import { PricesService } from '../metering/prices.service';
import { PricedProvider } from '../metering/vendor-rules';
import { EstimateKind } from './limit.entity';
import { RecentValues } from './recent';

/** A call before it is made. */
export interface EstimatedCall {
  readonly provider: PricedProvider;
  readonly model: string | undefined;
  /** The size of the request's body in bytes; undefined if it does not say. */
  readonly requestBytes: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** Whether the call can have output at all: one that only begins something else has none. */
  readonly hasOutput: boolean;
  /** The agent session that the call belongs to, with its user. */
  readonly session: string | undefined;
  readonly at: Date;
}

/** A token is at least three bytes of a request, its punctuation included. */
const BYTES_PER_TOKEN = 3;
/** The maximum number of tokens that a model reads. */
const MAX_INPUT_TOKENS = 1_000_000;
/** The maximum number of tokens that a model writes when the request does not limit them. */
const MAX_OUTPUT_TOKENS = 64_000;
/** The number of a model's answers from which on they say how long one can be. */
const ENOUGH_ANSWERS = 20;
const TYPICAL_FACTOR = 3;

/** Estimates what a call will cost before it is made: an upper bound, or what the calls of its session usually cost. */
@Injectable()
export class CallEstimates {
  private readonly outputs = new RecentValues({ maxKeys: 1_000, maxValues: 200 });
  private readonly costs = new RecentValues({ maxKeys: 10_000, maxValues: 20 });

  constructor(private readonly prices: PricesService) {}

  /** Learns from a finished call. */
  learn(row: CallRow): void {
    const { provider, model, requested_model, output_tokens, cost_nano_usd } = row;
    const name = requested_model ?? model;
    if (name !== null && output_tokens > 0) this.outputs.add(`${provider} ${name}`, output_tokens);
    // A session that has the id of its first call is known behind that call's end alone, and no call is found by it before.
    if (row.agent_session_id !== null && !isExchangeId(row.agent_session_id) && cost_nano_usd !== null)
      this.costs.add(sessionKey(row.user_id, row.agent_session_id), Number(cost_nano_usd));
  }

  /** Estimates the cost of a call in billionths of a US dollar. */
  nanoUsd(call: EstimatedCall, kind: EstimateKind): number {
    const usual =
      kind === 'typical' && call.session !== undefined ? this.costs.percentile(call.session, 1) : undefined;
    const { input, output } = this.prices.dearest(call.provider, call.model, call.at);
    const most = Math.ceil(inputTokens(call) * input + this.outputTokens(call) * output);
    return usual === undefined ? most : Math.min(most, Math.ceil(usual * TYPICAL_FACTOR));
  }

  /** Estimates the number of tokens that a call reads and writes. */
  tokens(call: EstimatedCall): number {
    return inputTokens(call) + this.outputTokens(call);
  }

  private outputTokens({ provider, model, maxOutputTokens, hasOutput }: EstimatedCall): number {
    if (!hasOutput) return 0;
    if (maxOutputTokens !== undefined) return maxOutputTokens;
    const recent = this.outputs.percentile(`${provider.id} ${model ?? ''}`, ENOUGH_ANSWERS);
    return Math.min(MAX_OUTPUT_TOKENS, recent ?? MAX_OUTPUT_TOKENS);
  }
}

/** Returns the key of a user's agent session. */
export function sessionKey(userId: string, sessionId: string): string {
  return `${userId} ${sessionId}`;
}

function inputTokens({ requestBytes }: EstimatedCall): number {
  return requestBytes === undefined
    ? MAX_INPUT_TOKENS
    : Math.min(MAX_INPUT_TOKENS, Math.ceil(requestBytes / BYTES_PER_TOKEN));
}
