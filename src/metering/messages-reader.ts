import { JsonObject, objectIn, textIn } from './json';
import { Kept } from './json-scanner';
import { bodyFacts, fallbackOf, isError, mergedUsage, MessageFacts, messageUsage } from './message-usage';
import { NO_USAGE, Usage } from './usage';
import { RequestFacts, UsageReader, Wanted } from './usage-reader';
import { WrittenText } from './written-text';

const BLOCK: Kept = { type: true, to: true };

/** What is kept of a message. */
export const KEPT_OF_MESSAGE: Kept = {
  ...{ type: true, id: true, model: true, stop_reason: true, usage: true, error: true },
  content: BLOCK,
};

const KEPT: Kept = {
  ...KEPT_OF_MESSAGE,
  message: KEPT_OF_MESSAGE,
  delta: { stop_reason: true },
  content_block: BLOCK,
};
/** The types of events that are parsed; without a name of its own an event is a `message`. */
const PARSED = ['', 'message', 'message_start', 'message_delta', 'message_stop', 'error'];

/** Reads the usage of Anthropic's Messages API, as a stream or as a body. */
export class MessagesReader implements UsageReader {
  readonly kept = KEPT;
  readonly written = new WrittenText(['"text"', '"partial_json"', '"thinking"']);
  private facts: MessageFacts | undefined;
  private hasFailed = false;
  private isBody = false;

  wants(type: string, data: string): Wanted {
    switch (type) {
      case 'content_block_delta':
        this.written.count(data);
        return 'text';
      case 'content_block_start':
        if (data.includes('"fallback"')) return 'document';
        this.merge({ hasContent: true });
        return 'nothing';
      default:
        return PARSED.includes(type) ? 'document' : 'nothing';
    }
  }

  event(value: JsonObject): void {
    const type = textIn(value, 'type');
    if (type === 'message_start') this.begin(objectIn(value, 'message') ?? {});
    else if (type === 'message_delta') this.change(value);
    else if (type === 'content_block_start') this.beginBlock(objectIn(value, 'content_block'));
    else if (type === 'message_stop') this.merge({ isFinal: true });
    else if (type === 'error') this.fail();
  }

  body(value: JsonObject, isWhole: boolean): void {
    this.isBody = true;
    this.facts = bodyFacts(value, isWhole);
    this.hasFailed = isError(value);
  }

  usages(request: RequestFacts): readonly Usage[] {
    const { facts, hasFailed } = this;
    const { characters } = this.written;
    if (facts === undefined) return [];
    if (this.isBody && facts.isFinal && facts.usage === undefined)
      return [
        {
          ...NO_USAGE,
          requestedModel: request.requestedModel,
          state: hasFailed ? 'none' : 'unreadable',
          model: facts.model,
        },
      ];
    return [messageUsage({ ...facts, isFinal: facts.isFinal && !hasFailed, characters }, request)];
  }

  private begin(message: JsonObject): void {
    this.facts = { ...bodyFacts(message, false), hasContent: this.facts?.hasContent ?? false };
  }

  private change(delta: JsonObject): void {
    this.merge({
      usage: mergedUsage(this.facts?.usage, objectIn(delta, 'usage')),
      stopReason: textIn(objectIn(delta, 'delta'), 'stop_reason') ?? this.facts?.stopReason,
    });
  }

  private fail(): void {
    this.hasFailed = true;
    this.merge({});
  }

  private beginBlock(block: JsonObject | undefined): void {
    const fallbackModel = fallbackOf(block);
    if (fallbackModel === undefined) this.merge({ hasContent: true });
    else this.merge({ fallbackModel });
  }

  private merge(newer: Partial<MessageFacts>): void {
    this.facts = { ...(this.facts ?? bodyFacts({}, false)), ...newer };
  }
}
