import { reportedDecimal } from './decimal';
import { inclusiveInput } from './inclusive-input';
import { countIn, JsonObject, objectIn, objectsIn, textIn } from './json';
import { Kept } from './json-scanner';
import { hasValue, tokenFloor } from './json-text';
import { isError, withFloor } from './message-usage';
import { NO_USAGE, Usage } from './usage';
import { RequestFacts, UsageReader, Wanted } from './usage-reader';
import { WrittenText } from './written-text';

/** Where the text of a chunk stands; a chunk has one of them. */
const WRITTEN = ['"content"', '"arguments"', '"reasoning_content"', '"reasoning"', '"text"'];

const KEPT: Kept = {
  ...{ id: true, model: true, service_tier: true, usage: true, error: true },
  choices: { finish_reason: true },
};

/** Reads the usage of OpenAI's Chat Completions API and of its older ones, as a stream or as a body. */
export class ChatReader implements UsageReader {
  readonly kept = KEPT;
  readonly written = new WrittenText(WRITTEN);
  private facts: JsonObject | undefined;
  private stopReason: string | undefined;
  private isOver = false;
  private hasFailed = false;
  private isBody = false;

  wants(_type: string, data: string): Wanted {
    if (data === '[DONE]') {
      this.isOver = true;
      return 'nothing';
    }
    this.written.count(data);
    const isWanted =
      this.facts === undefined ||
      hasValue(data, '"usage"', '{') ||
      hasValue(data, '"finish_reason"', '"') ||
      hasValue(data, '"error"', '{');
    return isWanted ? 'document' : 'text';
  }

  event(value: JsonObject): void {
    const newer = Object.entries(value).filter(([, member]) => member !== null);
    this.facts = { ...this.facts, ...Object.fromEntries(newer) };
    this.hasFailed ||= objectIn(value, 'error') !== undefined;
    const reason = objectsIn(value, 'choices').map((choice) => textIn(choice, 'finish_reason'));
    this.stopReason = reason.find((one) => one !== undefined) ?? this.stopReason;
    this.isOver ||= this.stopReason !== undefined;
  }

  body(value: JsonObject, isWhole: boolean): void {
    this.event(value);
    this.isBody = true;
    this.isOver = isWhole;
  }

  usages({ requestedModel, reportsCost }: RequestFacts): readonly Usage[] {
    const { facts } = this;
    if (facts === undefined) return [];
    const model = textIn(facts, 'model') ?? requestedModel;
    const messageId = textIn(facts, 'id');
    const usage = objectIn(facts, 'usage');
    if (this.isBody && this.isOver && usage === undefined)
      return [
        { ...NO_USAGE, state: isError(facts) ? 'none' : 'unreadable', requestedModel, model, messageId },
      ];
    const input = inclusiveInput(usage, 'prompt_tokens', 'prompt_tokens_details');
    const thinkingTokens = countIn(objectIn(usage, 'completion_tokens_details'), 'reasoning_tokens') ?? 0;
    const parts = [{ model, ...input.counts, output: outputOf(usage, thinkingTokens) }];
    const isMeasured = usage !== undefined && this.isOver && !this.hasFailed && input.isKnown;
    return [
      {
        ...NO_USAGE,
        state: isMeasured ? 'measured' : 'estimated',
        requestedModel,
        model,
        parts: isMeasured ? parts : withFloor(parts, tokenFloor(this.written.characters)),
        thinkingTokens,
        served: { ...NO_USAGE.served, serviceTier: textIn(facts, 'service_tier') },
        billedUsd: reportsCost ? reportedDecimal(usage?.['cost']) : undefined,
        messageId,
        stopReason: this.stopReason,
      },
    ];
  }
}

/** Output includes reasoning, unless the total says that it is on top, as some servers count. */
function outputOf(usage: JsonObject | undefined, reasoning: number): number {
  const output = countIn(usage, 'completion_tokens') ?? 0;
  const rest = (countIn(usage, 'total_tokens') ?? 0) - (countIn(usage, 'prompt_tokens') ?? 0);
  return reasoning > 0 && rest === output + reasoning ? rest : output;
}
