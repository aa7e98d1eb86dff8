import { isObject, JsonObject, objectIn, textIn } from '../metering/json';
import { Block, mediaBlock, otherBlock, textBlock } from './content-block';
import { textDocumentBlock, thinkingBlock, toolUseBlock } from './content-block';
import { contentBlocks, listOf, otherMessage, partText, toolResultBlocks } from './content-parts';
import { ContentReader } from './content-reader';
import { MessagesStream } from './messages-stream';

/** Reads what is said in Anthropic's Messages API. */
export const MESSAGES_CONTENT: ContentReader = {
  partsOf({ system, tools, messages }) {
    if (!Array.isArray(messages)) return undefined;
    return {
      system: typeof system === 'string' ? [{ type: 'text', text: system }] : listOf(system),
      tools: listOf(tools),
      messages,
    };
  },
  systemBlocks: messagesBlocks,
  messageOf(item) {
    if (!isObject(item) || item['content'] === undefined) return otherMessage(item);
    return { role: textIn(item, 'role') ?? 'other', blocks: contentBlocks(item['content'], messagesBlocks) };
  },
  answerBlocks(body) {
    return isObject(body) && Array.isArray(body['content'])
      ? body['content'].flatMap(messagesBlocks)
      : undefined;
  },
  stream: () => new MessagesStream(messagesBlocks),
};

function messagesBlocks(part: unknown): Block[] {
  if (!isObject(part)) return [otherBlock(part)];
  const type = textIn(part, 'type') ?? '';
  const name = textIn(part, 'name') ?? null;
  if (type.endsWith('tool_use'))
    return [toolUseBlock({ name, tool_use_id: textIn(part, 'id') ?? null }, part['input'])];
  if (!type.endsWith('tool_result')) return [plainBlock(part)];
  const tool_use_id = textIn(part, 'tool_use_id') ?? null;
  return toolResultBlocks(
    { name, tool_use_id, is_error: part['is_error'] === true },
    part['content'],
    plainBlock,
  );
}

/** Returns the block of a part that can also stand in the result of a tool. */
function plainBlock(part: unknown): Block {
  if (!isObject(part)) return otherBlock(part);
  const { type, thinking } = part;
  const text = partText(part);
  if (text !== undefined) return textBlock(text);
  if (type === 'thinking' && typeof thinking === 'string') return thinkingBlock(thinking);
  if (type === 'redacted_thinking') return thinkingBlock(null);
  return (type === 'image' || type === 'document' ? sourceBlock(part) : undefined) ?? otherBlock(part);
}

/** Returns undefined for an image or a document that is not in the body itself. */
function sourceBlock(part: JsonObject): Block | undefined {
  const source = objectIn(part, 'source');
  const mediaType = textIn(source, 'media_type');
  const data = source?.['data'];
  if (mediaType === undefined || typeof data !== 'string') return undefined;
  if (source?.['type'] === 'base64') return mediaBlock(mediaType, data);
  return source?.['type'] === 'text' ? textDocumentBlock(mediaType, data) : undefined;
}
