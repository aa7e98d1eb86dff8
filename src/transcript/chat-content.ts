import { isObject, JsonObject, objectIn, textIn } from '../metering/json';
import { ChatStream } from './chat-stream';
import { Block, otherBlock, textBlock, thinkingBlock, toolUseBlock } from './content-block';
import { contentBlocks, listOf, otherMessage, toolResultBlocks } from './content-parts';
import { ContentReader } from './content-reader';
import { openaiPart } from './openai-parts';

/** Reads what is said in OpenAI's Chat Completions API. Its system prompt is a message. */
export const CHAT_CONTENT: ContentReader = {
  partsOf({ tools, functions, messages }) {
    if (!Array.isArray(messages)) return undefined;
    return { system: [], tools: [...listOf(tools), ...listOf(functions)], messages };
  },
  systemBlocks: (item) => [openaiPart(item)],
  messageOf(item) {
    if (!isObject(item)) return otherMessage(item);
    const blocks = chatBlocks(item);
    if (blocks.length === 0 && item['content'] === undefined) return otherMessage(item);
    return { role: textIn(item, 'role') ?? 'other', blocks };
  },
  answerBlocks(body) {
    const choice = isObject(body) ? listOf(body['choices'])[0] : undefined;
    const message = isObject(choice) ? objectIn(choice, 'message') : undefined;
    return message && chatBlocks(message);
  },
  stream: () => new ChatStream(chatBlocks),
};

function chatBlocks(message: JsonObject): Block[] {
  const { role, content, tool_calls, function_call } = message;
  if (role === 'tool' || role === 'function') {
    const tool_use_id = textIn(message, 'tool_call_id') ?? null;
    const name = textIn(message, 'name') ?? null;
    return toolResultBlocks({ name, tool_use_id, is_error: false }, content, openaiPart);
  }
  const thinking = textIn(message, 'reasoning_content') ?? textIn(message, 'reasoning');
  const refusal = textIn(message, 'refusal');
  return [
    ...(thinking === undefined ? [] : [thinkingBlock(thinking)]),
    ...contentBlocks(content, (part) => [openaiPart(part)]),
    ...(refusal === undefined ? [] : [textBlock(refusal)]),
    ...listOf(tool_calls).map(toolCallBlock),
    ...listOf(function_call).map((call) => toolCallBlock({ function: call })),
  ];
}

function toolCallBlock(call: unknown): Block {
  const id = isObject(call) ? textIn(call, 'id') : undefined;
  const tool = isObject(call) ? (objectIn(call, 'function') ?? objectIn(call, 'custom')) : undefined;
  if (tool === undefined) return otherBlock(call);
  const name = textIn(tool, 'name') ?? null;
  return toolUseBlock({ name, tool_use_id: id ?? null }, tool['arguments'] ?? tool['input']);
}
