import { isObject, textIn } from '../metering/json';
import { UsageFormat } from '../providers/metered-endpoint';
import { BoundedJson, textOf } from './bounded-json';
import { digestsOf } from './content-digests';
import { CONTENT_READERS } from './content-readers';
import { RequestContent } from './request-content';
import { toolOf } from './tool-definition';

/** The maximum number of values in a request: some ten times those of the longest conversations. */
export const MAX_VALUES = 150_000;

/**
 * Returns what a request says; undefined if it can't be shown: it is no JSON, has not the shape of a request, or more values than
 * any conversation.
 */
export function readRequest(format: UsageFormat, body: Buffer): RequestContent | undefined {
  const reader = CONTENT_READERS[format];
  const value = reader && new BoundedJson(MAX_VALUES).parse(textOf(body));
  const parts = isObject(value) ? reader?.partsOf(value) : undefined;
  if (reader === undefined || !isObject(value) || parts === undefined) return undefined;
  return {
    model: textIn(value, 'model') ?? null,
    system: parts.system.flatMap(reader.systemBlocks),
    tools: parts.tools.map(toolOf),
    messages: parts.messages.map(reader.messageOf),
    is_continuation: parts.isContinuation === true,
    digests: digestsOf(parts),
  };
}
