import { isObject, JsonObject, textIn } from '../metering/json';
import { Block, otherBlock, thinkingBlock, toolUseBlock } from './content-block';
import { contentBlocks, listOf, otherMessage, toolResultBlocks } from './content-parts';
import { ContentReader } from './content-reader';
import { openaiPart } from './openai-parts';
import { ResponsesStream } from './responses-stream';

/** Reads what is said in OpenAI's Responses API, where each item counts as a message. */
export const RESPONSES_CONTENT: ContentReader = {
  partsOf({ instructions, tools, input, previous_response_id, conversation }) {
    if (typeof input !== 'string' && !Array.isArray(input)) return undefined;
    const isText = typeof instructions === 'string';
    return {
      system: isText ? [{ type: 'input_text', text: instructions }] : listOf(instructions),
      tools: listOf(tools),
      messages: typeof input === 'string' ? [{ role: 'user', content: input }] : input,
      isContinuation: [previous_response_id, conversation].some((id) => id !== undefined && id !== null),
    };
  },
  systemBlocks: (item) => (isObject(item) && 'content' in item ? itemBlocks(item) : [openaiPart(item)]),
  messageOf: (item) =>
    isObject(item) ? { role: roleOf(item), blocks: itemBlocks(item) } : otherMessage(item),
  answerBlocks(body) {
    if (!isObject(body) || !Array.isArray(body['output'])) return undefined;
    const blocks = body['output'].flatMap(itemBlocks);
    return isObject(body['error']) ? [...blocks, otherBlock(body['error'])] : blocks;
  },
  stream: () => new ResponsesStream(itemBlocks),
};

function roleOf(item: JsonObject): string {
  const type = textIn(item, 'type') ?? 'message';
  if (type.endsWith('_call_output')) return 'tool';
  return textIn(item, 'role') ?? (type === 'reasoning' || type.endsWith('_call') ? 'assistant' : 'other');
}

function itemBlocks(item: unknown): Block[] {
  if (!isObject(item)) return [otherBlock(item)];
  const { summary, content, arguments: args, input, action, operation, output } = item;
  const type = textIn(item, 'type') ?? 'message';
  const tool_use_id = textIn(item, 'call_id') ?? null;
  const name = textIn(item, 'name') ?? null;
  if (type === 'message' && content !== undefined)
    return contentBlocks(content, (part) => [openaiPart(part)]);
  if (type === 'reasoning') return [thinkingBlock(reasoningText([...listOf(summary), ...listOf(content)]))];
  if (tool_use_id !== null && type.endsWith('_call')) {
    const tool = { name: name ?? type.slice(0, -'_call'.length), tool_use_id };
    return [toolUseBlock(tool, args ?? input ?? action ?? operation)];
  }
  if (tool_use_id !== null && type.endsWith('_call_output'))
    return toolResultBlocks({ name, tool_use_id, is_error: false }, output, openaiPart);
  return [otherBlock(item)];
}

/** Returns null if the reasoning is encrypted. */
function reasoningText(parts: readonly unknown[]): string | null {
  const texts = parts
    .map((part) => (isObject(part) ? textIn(part, 'text') : undefined))
    .filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join('\n') : null;
}
