import { isObject, JsonObject, objectIn, objectsIn, textIn } from '../metering/json';
import { Block, mediaBlock, otherBlock, textBlock, thinkingBlock, toolUseBlock } from './content-block';
import { jsonText, toolResultBlock } from './content-block';
import { listOf, otherMessage } from './content-parts';
import { AnswerStream, ContentReader } from './content-reader';

/** The roles that have another name here. */
const ROLES = new Map([
  ['model', 'assistant'],
  ['function', 'tool'],
]);

/** Reads what is said in Gemini's API, which takes names in both spellings. */
export const GENERATE_CONTENT: ContentReader = {
  partsOf(body) {
    const { contents, tools } = body;
    if (!Array.isArray(contents) && !isObject(contents)) return undefined;
    const system = body['systemInstruction'] ?? body['system_instruction'];
    return {
      system: listOf(isObject(system) ? system['parts'] : system),
      tools: listOf(tools).flatMap(declarationsOf),
      messages: listOf(contents),
    };
  },
  systemBlocks: (item) => [partBlock(item)],
  messageOf(item) {
    if (!isObject(item) || item['parts'] === undefined) return otherMessage(item);
    const role = textIn(item, 'role') ?? 'user';
    return { role: ROLES.get(role) ?? role, blocks: listOf(item['parts']).map(partBlock) };
  },
  answerBlocks(body) {
    const stream = new GenerateContentStream();
    for (const one of listOf(body)) if (isObject(one)) stream.event(one);
    const blocks = stream.blocks();
    return blocks.length > 0 ? blocks : undefined;
  },
  stream: () => new GenerateContentStream(),
};

/** Puts the first candidate together. */
class GenerateContentStream implements AnswerStream {
  private readonly parts: unknown[] = [];

  event(value: JsonObject): void {
    const content = objectIn(objectsIn(value, 'candidates')[0], 'content');
    for (const part of listOf(content?.['parts'])) this.take(part);
    if (isObject(value['promptFeedback'])) this.parts.push({ promptFeedback: value['promptFeedback'] });
  }

  blocks(): Block[] {
    return this.parts.map(partBlock);
  }

  private take(part: unknown): void {
    const last = this.parts.at(-1);
    if (!isText(part)) this.parts.push(part);
    else if (!isText(last) || part.thought !== last.thought)
      this.parts.push({ text: part.text, thought: part.thought });
    else this.parts[this.parts.length - 1] = { text: last.text + part.text, thought: last.thought };
  }
}

function isText(part: unknown): part is { readonly text: string; readonly thought?: unknown } {
  return isObject(part) && typeof part['text'] === 'string';
}

function declarationsOf(tool: unknown): readonly unknown[] {
  if (!isObject(tool)) return [tool];
  const declarations = tool['functionDeclarations'] ?? tool['function_declarations'];
  return Array.isArray(declarations) ? declarations : [tool];
}

function partBlock(part: unknown): Block {
  if (!isObject(part)) return otherBlock(part);
  if (isText(part)) return part.thought === true ? thinkingBlock(part.text) : textBlock(part.text);
  const call = objectIn(part, 'functionCall') ?? objectIn(part, 'function_call');
  const name = (tool: JsonObject) => ({
    name: textIn(tool, 'name') ?? null,
    tool_use_id: textIn(tool, 'id') ?? null,
  });
  if (call !== undefined) return toolUseBlock(name(call), call['args']);
  const result = objectIn(part, 'functionResponse') ?? objectIn(part, 'function_response');
  if (result !== undefined)
    return toolResultBlock(
      { ...name(result), is_error: objectIn(result, 'response')?.['error'] !== undefined },
      resultText(result['response']),
    );
  const media = objectIn(part, 'inlineData') ?? objectIn(part, 'inline_data');
  const mediaType = textIn(media, 'mimeType') ?? textIn(media, 'mime_type');
  const data = media?.['data'];
  return mediaType !== undefined && typeof data === 'string' ? mediaBlock(mediaType, data) : otherBlock(part);
}

/** Returns the text of a response that has nothing else, as Gemini's clients write it; its JSON for any other. */
function resultText(response: unknown): string | null {
  if (response === undefined) return null;
  const output = isObject(response) && Object.keys(response).length === 1 ? response['output'] : undefined;
  return typeof output === 'string' ? output : jsonText(response).text;
}
