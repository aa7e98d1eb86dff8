import { reportedDecimal } from './decimal';
import { countIn, JsonObject, objectIn, textIn } from './json';
import { Kept } from './json-scanner';
import { textLength, tokenFloor } from './json-text';
import { isError, withFloor } from './message-usage';
import { inclusiveInput } from './inclusive-input';
import { NO_USAGE, Usage, UsageState } from './usage';
import { RequestFacts, UsageReader, Wanted } from './usage-reader';

/** The events that repeat the response as it is at its end. */
const FINAL = ['response.completed', 'response.incomplete', 'response.failed'];
/** The events with a piece of the output. */
const WRITTEN =
  /^response\.(?:output_text|refusal|reasoning_text|function_call_arguments|custom_tool_call_input|mcp_call_arguments|code_interpreter_call_code)\.delta$/;
/** The states of a response that is not over, and whose usage a later request reads. */
const UNFINISHED = ['queued', 'in_progress'];

const KEPT_OF_RESPONSE: Kept = {
  ...{ id: true, model: true, status: true, service_tier: true, usage: true, error: true },
  incomplete_details: true,
};

const KEPT: Kept = { ...KEPT_OF_RESPONSE, type: true, response: KEPT_OF_RESPONSE };
const PARSED = ['', 'message', 'error', 'response.created', ...FINAL];

/** Reads the usage of OpenAI's Responses API, as a stream or as a body. */
export class ResponsesReader implements UsageReader {
  readonly kept = KEPT;
  private response: JsonObject | undefined;
  private isFinal = false;
  private isBody = false;
  private characters = 0;

  wants(type: string, data: string): Wanted {
    if (WRITTEN.test(type)) this.characters += textLength(data, '"delta"');
    return PARSED.includes(type) ? 'document' : 'nothing'; // none repeats another: each has its number
  }

  event(value: JsonObject): void {
    const type = textIn(value, 'type') ?? '';
    this.response = objectIn(value, 'response') ?? this.response ?? {};
    this.isFinal = FINAL.includes(type);
  }

  body(value: JsonObject, isWhole: boolean): void {
    this.response = value;
    this.isBody = true;
    this.isFinal = isWhole;
  }

  usages({ requestedModel, reportsCost }: RequestFacts): readonly Usage[] {
    const { response } = this;
    if (response === undefined) return [];
    const usage = objectIn(response, 'usage');
    const model = textIn(response, 'model') ?? requestedModel;
    const id = textIn(response, 'id');
    const input = inclusiveInput(usage, 'input_tokens', 'input_tokens_details');
    const state = this.stateOf(response, input.isKnown);
    if (state === 'none' || state === 'unreadable')
      return [{ ...NO_USAGE, state, requestedModel, model, messageId: id }];
    const output = countIn(usage, 'output_tokens') ?? 0;
    const parts = [{ model, ...input.counts, output }];
    return [
      {
        ...NO_USAGE,
        state,
        requestedModel,
        model,
        parts: state === 'measured' ? parts : withFloor(parts, tokenFloor(this.characters)),
        thinkingTokens: countIn(objectIn(usage, 'output_tokens_details'), 'reasoning_tokens') ?? 0,
        served: { ...NO_USAGE.served, serviceTier: textIn(response, 'service_tier') },
        billedUsd: reportsCost ? reportedDecimal(usage?.['cost']) : undefined,
        messageId: id,
        stopReason: textIn(objectIn(response, 'incomplete_details'), 'reason') ?? textIn(response, 'status'),
        billedOnceKey: id,
      },
    ];
  }

  private stateOf(response: JsonObject, isKnown: boolean): UsageState {
    const status = textIn(response, 'status') ?? '';
    if (objectIn(response, 'usage') !== undefined) return this.isFinal && isKnown ? 'measured' : 'estimated';
    if (!this.isBody || !this.isFinal) return 'estimated';
    if (UNFINISHED.includes(status) || status === 'failed' || isError(response)) return 'none';
    return status === 'cancelled' || status === 'incomplete' ? 'estimated' : 'unreadable';
  }
}
