import { isObject, JsonObject } from '../metering/json';
import { UsageFormat } from '../providers/metered-endpoint';
import { BoundedJson, textOf } from './bounded-json';
import { Block, otherBlock } from './content-block';
import { ContentReader } from './content-reader';
import { CONTENT_READERS } from './content-readers';
import { Message } from './request-content';
import { eventData } from './server-sent-events';

/** The maximum number of values in an answer, or in all events of a stream, which repeat much in each. */
const MAX_VALUES = 400_000;

/**
 * Returns what was answered, as far as it came: an error, or what has not the shape of an answer, is a block of its JSON.
 * Undefined if nothing of it can be shown.
 */
export function readAnswer(format: UsageFormat, body: Buffer, isEventStream: boolean): Message | undefined {
  const reader = CONTENT_READERS[format];
  if (reader === undefined) return undefined;
  const text = textOf(body);
  // Both ways, as a body is not always what its head says
  const blocks = isEventStream
    ? (streamedBlocks(reader, text) ?? documentBlocks(reader, text))
    : (documentBlocks(reader, text) ?? streamedBlocks(reader, text));
  return blocks && { role: 'assistant', blocks };
}

function documentBlocks(reader: ContentReader, text: string): Block[] | undefined {
  const value = new BoundedJson(MAX_VALUES).parse(text);
  return value === undefined ? undefined : (reader.answerBlocks(value) ?? [otherBlock(value)]);
}

function streamedBlocks(reader: ContentReader, text: string): Block[] | undefined {
  const json = new BoundedJson(MAX_VALUES);
  const stream = reader.stream();
  const errors: Block[] = [];
  let isThere = false;
  for (const data of eventData(text)) {
    const value = json.parse(data);
    if (json.isExceeded) return undefined;
    if (!isObject(value)) continue; // the mark of the end, or an event that broke off
    isThere = true;
    if (isError(value)) errors.push(otherBlock(value));
    else stream.event(value);
  }
  return isThere ? [...stream.blocks(), ...errors] : undefined;
}

function isError({ type, error }: JsonObject): boolean {
  return type === 'error' || isObject(error) || typeof error === 'string';
}
