import { createHash } from 'node:crypto';
import { isObject } from '../metering/json';
import { UNCACHED_LINES } from '../providers/dialects';
import { RequestParts } from './content-reader';
import { jsonPieces } from './json-writer';
import { ContentDigests } from './request-content';

/** Returns the digests of a request's parts. What does not change what the model reads is no part of them. */
export function digestsOf({ system, tools, messages }: RequestParts): ContentDigests {
  return {
    system: system.map((item) => digestOf(withoutUncached(item))),
    tools: tools.map(digestOf),
    messages: messages.map((item) => digestOf(withParts(item))),
  };
}

/** Returns the SHA-256 of the JSON without the marks for the cache, which Claude Code moves on each call. */
function digestOf(value: unknown): string {
  const canonical = [...jsonPieces(value, { spaces: 0, without: 'cache_control' })].join('');
  return createHash('sha256').update(canonical).digest('base64');
}

/** Leaves out the first line of a text if no cache counts it. */
function withoutUncached(item: unknown): unknown {
  const text = isObject(item) ? item['text'] : undefined;
  if (typeof text !== 'string' || !UNCACHED_LINES.some((start) => text.startsWith(start))) return item;
  return { type: 'text', text: text.replace(/^.*/, '') };
}

/** Claude Code makes a list of a content that is a text when it puts the mark for the cache there. */
function withParts(item: unknown): unknown {
  if (!isObject(item) || typeof item['content'] !== 'string') return item;
  return { ...item, content: [{ type: 'text', text: item['content'] }] };
}
