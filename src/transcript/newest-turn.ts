import { isObject } from '../metering/json';
import { UsageFormat } from '../providers/metered-endpoint';
import { BoundedJson, textOf } from './bounded-json';
import { CONTENT_READERS } from './content-readers';
import { jsonPieces } from './json-writer';
import { MAX_VALUES } from './read-request';

/** The roles of those who set an agent up, and take no turns. */
const WITHOUT_TURN = ['system', 'developer'];

/**
 * Returns the newest turn of a request as JSON, a line for each message: what the user, or the user's machine with the results of
 * tools, says behind the last words of the model. Undefined if the request can't be read.
 */
export function newestTurn(format: UsageFormat, body: Buffer): string | undefined {
  const reader = CONTENT_READERS[format];
  const value = reader && new BoundedJson(MAX_VALUES).parse(textOf(body));
  const messages = isObject(value) ? reader?.partsOf(value)?.messages : undefined;
  if (reader === undefined || messages === undefined) return undefined;
  const roles = messages.map((message) => reader.messageOf(message).role);
  const end = roles.findLastIndex((role) => role !== 'assistant') + 1; // words that the model is to go on from come last
  const start = roles.lastIndexOf('assistant', end - 1) + 1;
  return messages
    .slice(start, end)
    .filter((_, index) => !WITHOUT_TURN.includes(roles[start + index] ?? ''))
    .map((message) => [...jsonPieces(message, { spaces: 0 })].join(''))
    .join('\n');
}
