import { BoundedJson } from './bounded-json';
import { indentedJson } from './json-writer';

/** The maximum length of a text, in UTF-16 units. */
export const MAX_TEXT = 200_000;
/** The maximum length of an image, in characters of base64. */
const MAX_IMAGE = 5 * 1024 * 1024;
/** The maximum number of values in an input that is parsed. */
const MAX_INPUT_VALUES = 50_000;
/** The types of images that a browser shows as such; SVG is none of them, as it can hold scripts. */
const SHOWN_IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

interface CutText {
  text: string;
  cut_from: number | null;
}

/** A part of a message. */
export interface Block {
  type: 'text' | 'thinking' | 'tool_use' | 'tool_result' | 'image' | 'document' | 'other';
  /** The text of `text`, `thinking` and of a document that is text, the texts of `tool_result`, the JSON of `other`. */
  text: string | null;
  /** The name of the tool. */
  name: string | null;
  tool_use_id: string | null;
  /** The input of `tool_use`: JSON, or the text that was there if it is none. */
  input: string | null;
  /** Whether a `tool_result` reports an error. */
  is_error: boolean;
  /** The media type of `image` and `document`. */
  media_type: string | null;
  /** The base64 of an image that the body itself holds. */
  data: string | null;
  /** The whole length of a text or an input that was cut, in UTF-16 units; null if nothing was. */
  cut_from: number | null;
}

export function textBlock(text: string): Block {
  return block('text', cut(text));
}

/** @param text null if it can't be read: it may be encrypted. */
export function thinkingBlock(text: string | null): Block {
  return block('thinking', text === null ? {} : cut(text));
}

/** @param input the value, or its JSON as a text. */
export function toolUseBlock(tool: Pick<Block, 'name' | 'tool_use_id'>, input: unknown): Block {
  const { text, cut_from } = input === undefined ? { text: null, cut_from: null } : inputText(input);
  return block('tool_use', { ...tool, input: text, cut_from });
}

export function toolResultBlock(
  result: Pick<Block, 'name' | 'tool_use_id' | 'is_error'>,
  text: string | null,
): Block {
  return block('tool_result', { ...result, ...(text === null ? {} : cut(text)) });
}

/** @param data base64. */
export function mediaBlock(mediaType: string, data: string): Block {
  if (!mediaType.startsWith('image/')) return block('document', { media_type: mediaType });
  const isShown =
    SHOWN_IMAGES.includes(mediaType) && data.length <= MAX_IMAGE && !/[^A-Za-z0-9+/=]/.test(data);
  return block('image', { media_type: mediaType, data: isShown ? data : null });
}

export function textDocumentBlock(mediaType: string, text: string): Block {
  return block('document', { media_type: mediaType, ...cut(text) });
}

/** Creates the block of what has no block of its own, or not the shape that it should have. */
export function otherBlock(value: unknown): Block {
  return block('other', jsonText(value));
}

/** Returns a value as JSON with two spaces a level, cut as every text. */
export function jsonText(value: unknown): CutText {
  const { text, length } = indentedJson(value, MAX_TEXT);
  return cut(text, length);
}

/** @param length the length of the whole text, if this is its start. */
export function cut(text: string, length = text.length): CutText {
  if (length <= MAX_TEXT) return { text, cut_from: null };
  const splitsPair = /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(MAX_TEXT - 1, MAX_TEXT + 1));
  return { text: text.slice(0, splitsPair ? MAX_TEXT - 1 : MAX_TEXT), cut_from: length };
}

function inputText(input: unknown): CutText {
  if (typeof input !== 'string') return jsonText(input);
  const value = new BoundedJson(MAX_INPUT_VALUES).parse(input);
  return value === undefined ? cut(input) : jsonText(value); // it broke off, or the tool takes a text
}

function block(type: Block['type'], fields: Partial<Block>): Block {
  return {
    type,
    text: null,
    name: null,
    tool_use_id: null,
    input: null,
    is_error: false,
    media_type: null,
    data: null,
    cut_from: null,
    ...fields,
  };
}
