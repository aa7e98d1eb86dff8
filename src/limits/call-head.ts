import { codingOf, decode } from '../metering/content-coding';
import { countIn, isObject, objectIn, textIn } from '../metering/json';
import { JsonScanner, Kept } from '../metering/json-scanner';

/** What a request's first bytes say about the call. */
export interface CallHead {
  readonly model: string | undefined;
  /** The maximum number of output tokens, of all answers together. */
  readonly maxOutputTokens: number | undefined;
  /** The size of the body in bytes, without its coding; undefined if the first bytes do not tell. */
  readonly bytes: number | undefined;
}

const KEPT: Kept = {
  model: true,
  max_tokens: true,
  max_completion_tokens: true,
  max_output_tokens: true,
  n: true,
  generationConfig: { maxOutputTokens: true, candidateCount: true },
};

/** The maximum number of decoded bytes. */
const MAX_DECODED = 4 * 1024 * 1024;

/**
 * Reads what the first bytes of a request's body say.
 * @param isWhole whether they are the whole body.
 */
export async function readCallHead(
  bytes: Buffer,
  isWhole: boolean,
  contentEncoding: string | undefined,
): Promise<CallHead> {
  const coding = codingOf(contentEncoding);
  const scanner = new JsonScanner(KEPT);
  let length = 0;
  const scan = (piece: Buffer): void => {
    length += piece.length;
    scanner.feed(piece.toString('latin1'));
  };
  if (coding === undefined) scan(bytes);
  else if (coding !== null) await decode(coding, bytes, scan, MAX_DECODED);
  const { value } = scanner.finish();
  const body = isObject(value) ? value : {};
  const config = objectIn(body, 'generationConfig');
  const most =
    count(body, 'max_completion_tokens') ??
    count(body, 'max_output_tokens') ??
    count(body, 'max_tokens') ??
    count(config, 'maxOutputTokens');
  const answers = count(body, 'n') ?? count(config, 'candidateCount') ?? 1;
  return {
    model: textIn(body, 'model'),
    maxOutputTokens: most === undefined ? undefined : most * answers,
    bytes: isWhole && coding !== null ? length : undefined,
  };
}

/** Returns a number in a request, which may hold anything. */
function count(object: Parameters<typeof countIn>[0], name: string): number | undefined {
  try {
    return countIn(object, name);
  } catch {
    return undefined; // the provider refuses it
  }
}
