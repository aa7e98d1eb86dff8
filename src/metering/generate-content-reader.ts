import { withoutCached } from './inclusive-input';
import { countIn, JsonObject, objectIn, objectsIn, textIn } from './json';
import { Kept } from './json-scanner';
import { textLengths, tokenFloor } from './json-text';
import { isError, withFloor } from './message-usage';
import { NO_USAGE, Usage } from './usage';
import { RequestFacts, UsageReader, Wanted } from './usage-reader';

const KEPT: Kept = {
  ...{ usageMetadata: true, modelVersion: true, responseId: true, error: true },
  candidates: { finishReason: true },
  promptFeedback: { blockReason: true },
};

/** Reads the usage of Gemini's API: as a stream, as a list of the same objects, or as a body. */
export class GenerateContentReader implements UsageReader {
  readonly kept = KEPT;
  private facts: JsonObject | undefined;
  private stopReason: string | undefined;
  private hasFailed = false;
  private isBody = false;
  private isCut = false;
  private characters = 0;

  wants(_type: string, data: string): Wanted {
    this.characters += textLengths(data, '"text"');
    return 'document'; // events are few and large, and each has usage
  }

  event(value: JsonObject): void {
    const { usageMetadata, modelVersion, responseId, error } = value;
    const newer = Object.entries({ usageMetadata, modelVersion, responseId, error });
    this.facts = {
      ...this.facts,
      ...Object.fromEntries(newer.filter(([, one]) => one !== undefined && one !== null)),
    };
    this.hasFailed ||= objectIn(value, 'error') !== undefined;
    const reasons = objectsIn(value, 'candidates').map((one) => textIn(one, 'finishReason'));
    const blocked = textIn(objectIn(value, 'promptFeedback'), 'blockReason');
    this.stopReason = blocked ?? reasons.find((one) => one !== undefined) ?? this.stopReason;
  }

  body(value: JsonObject, isWhole: boolean): void {
    this.event(value);
    this.isBody = true;
    this.isCut = !isWhole;
  }

  usages({ requestedModel }: RequestFacts): readonly Usage[] {
    const { facts, stopReason } = this;
    if (facts === undefined) return [];
    const model = textIn(facts, 'modelVersion') ?? requestedModel;
    const messageId = textIn(facts, 'responseId');
    const usage = objectIn(facts, 'usageMetadata');
    if (this.isBody && !this.isCut && usage === undefined)
      return [
        { ...NO_USAGE, state: isError(facts) ? 'none' : 'unreadable', requestedModel, model, messageId },
      ];
    const count = (name: string): number => countIn(usage, name) ?? 0;
    const input = withoutCached(count('promptTokenCount'), count('cachedContentTokenCount'), 0);
    const thinkingTokens = count('thoughtsTokenCount');
    const part = {
      model,
      ...input.counts,
      input: input.counts.input + count('toolUsePromptTokenCount'),
      output: count('candidatesTokenCount') + thinkingTokens,
    };
    const isOver = stopReason !== undefined && !this.isCut && !this.hasFailed;
    const isMeasured = usage !== undefined && isOver && input.isKnown;
    return [
      {
        ...NO_USAGE,
        state: isMeasured ? 'measured' : 'estimated',
        requestedModel,
        model,
        parts: isMeasured ? [part] : withFloor([part], tokenFloor(this.characters)),
        thinkingTokens,
        messageId,
        stopReason,
      },
    ];
  }
}
