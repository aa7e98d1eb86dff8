import { CapturedCall } from './captured-call';
import { readableBody } from '../transcript/readable-body';
import { readRequest } from '../transcript/read-request';
import { RequestContent } from '../transcript/request-content';

const MAX_LENGTH = 120;

/** The first words of a session's user. */
interface SessionTitle {
  readonly text: string;
  /** Whether the call has tools. One without them may be the client's own question, such as for a name of the session. */
  readonly isFinal: boolean;
}

/** Returns the title that a call gives its session; undefined if its request says nothing of a user. */
export async function titleOf({
  isOfMainAgent,
  format,
  bodies,
}: Pick<CapturedCall, 'isOfMainAgent' | 'format' | 'bodies'>): Promise<SessionTitle | undefined> {
  const { state, bytes, contentEncoding } = bodies.request;
  if (!isOfMainAgent || state !== 'kept') return undefined;
  const body = await readableBody(bytes, contentEncoding);
  const request = body === undefined ? undefined : readRequest(format, body);
  const text = request === undefined ? undefined : firstWords(request);
  return request === undefined || text === undefined
    ? undefined
    : { text, isFinal: request.tools.length > 0 };
}

/** Returns the beginning of the first text of the user that is none of the client's own, which stands in tags. */
export function firstWords({ messages }: Pick<RequestContent, 'messages'>): string | undefined {
  for (const { role, blocks } of messages) {
    if (role !== 'user') continue;
    for (const { type, text } of blocks) {
      const words =
        type === 'text'
          ? (text ?? '')
              .slice(0, 10 * MAX_LENGTH)
              .replace(/\s+/g, ' ')
              .trim()
          : '';
      if (words !== '' && !words.startsWith('<')) return shortened(words);
    }
  }
  return undefined;
}

function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_LENGTH ? text : `${characters.slice(0, MAX_LENGTH - 1).join('')}…`;
}
