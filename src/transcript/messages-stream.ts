import { JsonObject, objectIn, textIn } from '../metering/json';
import { Block } from './content-block';
import { AnswerStream } from './content-reader';

/** The member of each kind of delta with what was written, and the type of the block that it belongs to. */
const DELTAS = new Map<string, { readonly written: string; readonly block: string }>([
  ['text_delta', { written: 'text', block: 'text' }],
  ['thinking_delta', { written: 'thinking', block: 'thinking' }],
  ['input_json_delta', { written: 'partial_json', block: 'tool_use' }],
]);

interface StreamedBlock {
  readonly start: JsonObject;
  written: string;
}

/** Puts an answer of Anthropic's Messages API together. */
export class MessagesStream implements AnswerStream {
  private readonly streamed: StreamedBlock[] = [];
  private readonly byIndex = new Map<unknown, StreamedBlock>();

  constructor(private readonly blocksOf: (part: unknown) => Block[]) {}

  event(value: JsonObject): void {
    const start = objectIn(value, 'content_block');
    if (value['type'] === 'content_block_start' && start !== undefined) this.open(value['index'], start);
    const delta = objectIn(value, 'delta');
    const kind = DELTAS.get(textIn(delta, 'type') ?? '');
    if (value['type'] !== 'content_block_delta' || kind === undefined) return;
    const written = textIn(delta, kind.written) ?? '';
    const block = this.byIndex.get(value['index']) ?? this.open(value['index'], { type: kind.block });
    block.written += written;
  }

  blocks(): Block[] {
    return this.streamed.flatMap((block) => this.blocksOf(assembled(block)));
  }

  private open(index: unknown, start: JsonObject): StreamedBlock {
    const block = { start, written: '' };
    this.streamed.push(block);
    this.byIndex.set(index, block);
    return block;
  }
}

function assembled({ start, written }: StreamedBlock): JsonObject {
  const type = textIn(start, 'type') ?? '';
  if (type === 'text' || type === 'thinking')
    return { ...start, [type]: `${textIn(start, type) ?? ''}${written}` };
  return written === '' ? start : { ...start, input: written };
}
