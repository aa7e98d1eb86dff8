import { isObject, objectIn, textIn } from '../metering/json';
import { Block, mediaBlock, otherBlock, textBlock } from './content-block';
import { partText } from './content-parts';

const DATA_URL = /^data:([\w.+-]{1,100}\/[\w.+-]{1,100});base64,/;

/** Returns the block of a part of a message, as OpenAI's APIs write it. */
export function openaiPart(part: unknown): Block {
  if (!isObject(part)) return otherBlock(part);
  const { type, refusal, image_url: image } = part;
  const text = partText(part) ?? (type === 'refusal' && typeof refusal === 'string' ? refusal : undefined);
  if (text !== undefined) return textBlock(text);
  const audio = objectIn(part, 'input_audio');
  const format = textIn(audio, 'format');
  if (format !== undefined) return mediaBlock(`audio/${format}`, '');
  const url = typeof image === 'string' ? image : textIn(objectIn(part, 'image_url'), 'url');
  const file = textIn(objectIn(part, 'file') ?? part, 'file_data');
  return dataUrlBlock(url ?? file ?? '') ?? otherBlock(part);
}

/** Returns undefined for the URL of something that is not in the body itself. */
function dataUrlBlock(url: string): Block | undefined {
  const [start, mediaType] = DATA_URL.exec(url) ?? [];
  return start === undefined || mediaType === undefined
    ? undefined
    : mediaBlock(mediaType, url.slice(start.length));
}
