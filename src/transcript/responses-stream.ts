import { JsonObject, objectIn, textIn } from '../metering/json';
import { Block, otherBlock } from './content-block';
import { AnswerStream } from './content-reader';

/** The events that repeat the response as it is at its end. */
const FINAL = ['response.completed', 'response.incomplete', 'response.failed'];
/** The member of an item that each kind of delta is a piece of. */
const DELTAS = new Map<string, 'content' | 'summary' | 'arguments' | 'input'>([
  ['response.output_text.delta', 'content'],
  ['response.refusal.delta', 'content'],
  ['response.reasoning_text.delta', 'content'],
  ['response.reasoning_summary_text.delta', 'summary'],
  ['response.function_call_arguments.delta', 'arguments'],
  ['response.custom_tool_call_input.delta', 'input'],
]);

interface StreamedItem {
  item: JsonObject;
  isDone: boolean;
  /** What was written, by the member of the item and the index of the part. */
  readonly written: Map<string, Map<unknown, string>>;
}

/** Puts an answer of OpenAI's Responses API together. */
export class ResponsesStream implements AnswerStream {
  private final: JsonObject | undefined;
  private readonly items = new Map<unknown, StreamedItem>();

  constructor(private readonly blocksOf: (item: unknown) => Block[]) {}

  event(value: JsonObject): void {
    const type = textIn(value, 'type') ?? '';
    if (FINAL.includes(type)) this.final = objectIn(value, 'response') ?? this.final;
    const item = objectIn(value, 'item');
    if (item !== undefined) {
      const streamed = this.itemAt(value['output_index'] ?? item['id']);
      streamed.item = item;
      streamed.isDone = type === 'response.output_item.done';
    }
    const member = DELTAS.get(type);
    const delta = textIn(value, 'delta');
    if (member === undefined || delta === undefined) return;
    const { written } = this.itemAt(value['output_index'] ?? value['item_id']);
    const parts = written.get(member) ?? new Map<unknown, string>();
    const part = value['summary_index'] ?? value['content_index'];
    parts.set(part, `${parts.get(part) ?? ''}${delta}`);
    written.set(member, parts);
  }

  /** Returns the output of the last event; the items that passed if it has none, as Codex' backend sends it. */
  blocks(): Block[] {
    const output = this.final?.['output'];
    const isThere = Array.isArray(output) && output.length > 0;
    const items: unknown[] = isThere ? output : [...this.items.values()].map(assembled);
    const error = objectIn(this.final, 'error');
    return [...items.flatMap(this.blocksOf), ...(error === undefined ? [] : [otherBlock(error)])];
  }

  private itemAt(index: unknown): StreamedItem {
    const item = this.items.get(index) ?? { item: {}, isDone: false, written: new Map() };
    this.items.set(index, item);
    return item;
  }
}

function assembled({ item, isDone, written }: StreamedItem): JsonObject {
  if (isDone) return item;
  const members = [...written].map(([member, parts]) => {
    const texts = [...parts.values()];
    const isText = member === 'arguments' || member === 'input';
    return [member, isText ? texts.join('') : texts.map((text) => ({ type: 'output_text', text }))] as const;
  });
  return { ...item, ...Object.fromEntries(members) };
}
