import { reportedDecimal } from './decimal';
import { countIn, isObject, JsonObject, objectIn, objectsIn, textIn } from './json';
import { tokenFloor } from './json-text';
import { fallbackModelOf, messageParts } from './message-parts';
import { NO_USAGE, Usage, UsagePart } from './usage';
import { RequestFacts } from './usage-reader';

/** What is known of a message. */
export interface MessageFacts {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** The model that a fallback block names. */
  readonly fallbackModel: string | undefined;
  readonly stopReason: string | undefined;
  /** Whether there is a block of content, fallbacks apart. */
  readonly hasContent: boolean;
  readonly usage: JsonObject | undefined;
  /** Whether the message is there to its end, and without an error. */
  readonly isFinal: boolean;
  /** The number of characters that were seen of the output. */
  readonly characters: number;
}

/** Reads the usage of a message that is a body or a part of one. */
export function bodyFacts(message: JsonObject, isWhole: boolean): MessageFacts {
  const content = objectsIn(message, 'content');
  return {
    id: textIn(message, 'id'),
    model: textIn(message, 'model'),
    fallbackModel: content.map(fallbackOf).findLast((model) => model !== undefined),
    stopReason: textIn(message, 'stop_reason'),
    hasContent: content.some((block) => block['type'] !== 'fallback'),
    usage: objectIn(message, 'usage'),
    isFinal: isWhole,
    characters: 0,
  };
}

/** Returns the model that a fallback block names; undefined for any other block. */
export function fallbackOf(block: JsonObject | undefined): string | undefined {
  return block?.['type'] === 'fallback' ? textIn(objectIn(block, 'to'), 'model') : undefined;
}

/** Overwrites the fields of a usage with those that a newer one carries: they are totals, and null says nothing. */
export function mergedUsage(
  older: JsonObject | undefined,
  newer: JsonObject | undefined,
): JsonObject | undefined {
  if (newer === undefined) return older;
  const carried = Object.entries(newer).filter(([, value]) => value !== null);
  return { ...older, ...Object.fromEntries(carried) };
}

/** Returns the usage of a message. */
export function messageUsage(facts: MessageFacts, request: RequestFacts): Usage {
  const { usage = {}, stopReason } = facts;
  const model = fallbackModelOf(usage) ?? facts.fallbackModel ?? facts.model ?? request.requestedModel;
  const isBase = objectsIn(usage, 'iterations').length > 0;
  const { parts, isKnown } = messageParts(usage, isBase ? (facts.model ?? request.requestedModel) : model);
  const isMeasured = facts.isFinal && isKnown && facts.usage !== undefined;
  return {
    ...NO_USAGE,
    state: isMeasured ? 'measured' : 'estimated',
    requestedModel: request.requestedModel,
    model,
    parts: isMeasured ? parts : withFloor(parts, tokenFloor(facts.characters)),
    thinkingTokens: countIn(objectIn(usage, 'output_tokens_details'), 'thinking_tokens') ?? 0,
    webSearches: countIn(objectIn(usage, 'server_tool_use'), 'web_search_requests') ?? 0,
    served: {
      serviceTier: textIn(usage, 'service_tier'),
      speed: textIn(usage, 'speed'),
      inferenceGeo: textIn(usage, 'inference_geo'),
    },
    isFree: stopReason === 'refusal' && !facts.hasContent,
    billedUsd: request.reportsCost ? reportedDecimal(usage['cost']) : undefined,
    messageId: facts.id,
    stopReason,
  };
}

/** Raises the output to what was seen of it. */
export function withFloor(parts: readonly UsagePart[], floor: number): readonly UsagePart[] {
  const missing = floor - parts.reduce((sum, { output }) => sum + output, 0);
  const last = parts.at(-1);
  if (missing <= 0 || last === undefined) return parts;
  return [...parts.slice(0, -1), { ...last, output: last.output + missing }];
}

/** Tells whether a body is an error instead of what was requested: that is free. */
export function isError(value: JsonObject): boolean {
  return isObject(value['error']) && value['usage'] === undefined;
}
