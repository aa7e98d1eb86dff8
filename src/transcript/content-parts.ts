import { isObject } from '../metering/json';
import { Block, otherBlock, textBlock, toolResultBlock } from './content-block';
import { Message } from './request-content';

/** The types of parts that are texts. */
const TEXTS: readonly unknown[] = ['text', 'input_text', 'output_text'];

/** Returns a value as a list: of itself if it is none, empty if it is missing. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** Returns the text of a part that is one; undefined for any other. */
export function partText(part: unknown): string | undefined {
  return isObject(part) && TEXTS.includes(part['type']) && typeof part['text'] === 'string'
    ? part['text']
    : undefined;
}

/** Returns the blocks of a content, which is a text or a list of parts. */
export function contentBlocks(content: unknown, blocksOf: (part: unknown) => Block[]): Block[] {
  return typeof content === 'string' ? [textBlock(content)] : listOf(content).flatMap(blocksOf);
}

/** Returns the block of a tool's result, and behind it those of the parts that are no texts. */
export function toolResultBlocks(
  result: Pick<Block, 'name' | 'tool_use_id' | 'is_error'>,
  content: unknown,
  blockOf: (part: unknown) => Block,
): Block[] {
  if (typeof content === 'string') return [toolResultBlock(result, content)];
  const parts = listOf(content);
  const texts = parts.map(partText).filter((text) => text !== undefined);
  const others = parts.filter((part) => partText(part) === undefined);
  return [toolResultBlock(result, texts.length > 0 ? texts.join('\n') : null), ...others.map(blockOf)];
}

/** Returns the message of what has not the shape of one. */
export function otherMessage(item: unknown): Message {
  return { role: 'other', blocks: [otherBlock(item)] };
}
