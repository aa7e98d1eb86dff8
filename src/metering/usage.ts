/** How sure a call's usage is; see docs/metering.md. */
export const USAGE_STATES = ['measured', 'estimated', 'unreadable', 'none'] as const;
export type UsageState = (typeof USAGE_STATES)[number];

/** The numbers of tokens of one kind of usage. They are disjoint: their sum is what the model read and wrote. */
export interface TokenCounts {
  /** Uncached input. */
  readonly input: number;
  readonly cacheRead: number;
  /** Written to a cache for five minutes, or for as long as the provider's only kind of cache keeps it. */
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Output, thinking included. */
  readonly output: number;
}

/** What one model did for a call, which is billed at that model's rates. Most calls have one part. */
export interface UsagePart extends TokenCounts {
  /** The model that answered, as the provider names it; undefined if neither the answer nor the request says. */
  readonly model: string | undefined;
}

/** The circumstances of a call that change its price, as the provider served it and not as the client requested it. */
export interface Served {
  /** `standard`, `priority`, `batch`, `flex`, ... */
  readonly serviceTier: string | undefined;
  /** `fast` for Anthropic's fast mode. */
  readonly speed: string | undefined;
  /** The region of inference; `us` costs more at Anthropic. */
  readonly inferenceGeo: string | undefined;
}

/** What a call used, as far as its response says. */
export interface Usage {
  readonly state: UsageState;
  /** The model that the request named. */
  readonly requestedModel: string | undefined;
  /** The model that answered. */
  readonly model: string | undefined;
  /** The parts that are billed; empty for a call without usage. The call's token counts are their sums. */
  readonly parts: readonly UsagePart[];
  /** The output tokens that were thinking: a part of the output, and never added to it. */
  readonly thinkingTokens: number;
  readonly webSearches: number;
  readonly served: Served;
  /** True for usage that the provider reports and does not bill: a refusal before any output. */
  readonly isFree: boolean;
  /** The cost in USD as a decimal number, when the provider itself says what it bills (OpenRouter). */
  readonly billedUsd: string | undefined;
  /** The provider's id of the message or response. */
  readonly messageId: string | undefined;
  readonly stopReason: string | undefined;
  /** Identifies usage that the provider reports again at each request for it, so that it is billed once: a batch's result. */
  readonly billedOnceKey: string | undefined;
}

/** The usage of a call that has none, or none that is billed. */
export const NO_USAGE: Usage = {
  state: 'none',
  requestedModel: undefined,
  model: undefined,
  parts: [],
  thinkingTokens: 0,
  webSearches: 0,
  served: { serviceTier: undefined, speed: undefined, inferenceGeo: undefined },
  isFree: false,
  billedUsd: undefined,
  messageId: undefined,
  stopReason: undefined,
  billedOnceKey: undefined,
};
