import { isObject, JsonObject, objectIn, objectsIn, textIn } from '../metering/json';
import { Block } from './content-block';
import { listOf } from './content-parts';
import { AnswerStream } from './content-reader';

/** The members of a delta that are pieces of a text. */
const TEXTS = ['content', 'refusal', 'reasoning_content', 'reasoning'] as const;

interface StreamedCall {
  id?: string;
  name: string;
  arguments: string;
}

/** Puts the first choice of OpenAI's Chat Completions API together. */
export class ChatStream implements AnswerStream {
  private readonly texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  private readonly calls = new Map<unknown, StreamedCall>();

  constructor(private readonly blocksOf: (message: JsonObject) => Block[]) {}

  event(value: JsonObject): void {
    const choice = objectsIn(value, 'choices').find(({ index }) => index === undefined || index === 0);
    const delta = objectIn(choice, 'delta');
    if (delta === undefined) return;
    for (const name of TEXTS) {
      const piece = textIn(delta, name);
      if (piece !== undefined) this.texts[name] = `${this.texts[name] ?? ''}${piece}`;
    }
    for (const [at, call] of listOf(delta['tool_calls']).entries())
      if (isObject(call)) this.take(call['index'] ?? at, call);
    const legacy = objectIn(delta, 'function_call');
    if (legacy !== undefined) this.take('function_call', { function: legacy });
  }

  blocks(): Block[] {
    const calls = [...this.calls.values()].map(({ id, ...tool }) => ({ id, function: tool }));
    return this.blocksOf({ ...this.texts, tool_calls: calls });
  }

  private take(index: unknown, piece: JsonObject): void {
    const call = this.calls.get(index) ?? { name: '', arguments: '' };
    const tool = objectIn(piece, 'function') ?? objectIn(piece, 'custom');
    const id = textIn(piece, 'id');
    if (id !== undefined) call.id = id;
    call.name += textIn(tool, 'name') ?? '';
    call.arguments += textIn(tool, 'arguments') ?? textIn(tool, 'input') ?? '';
    this.calls.set(index, call);
  }
}
