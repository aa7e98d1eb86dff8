import { isDisplayable } from '../logging/display-text';
import { EndpointName } from '../providers/metered-endpoint';
import { isObject, JsonObject, objectIn, textIn } from './json';
import { JsonScanner, Kept } from './json-scanner';
import { MessageDigests } from './message-digests';
import { PlainRequest } from './plain-request';

/** What a request's body says about the session that its call belongs to. */
export interface SessionLinks {
  /** The id of the session itself. */
  readonly sessionId: string | undefined;
  /** The id of the response or message that the call follows. */
  readonly previousId: string | undefined;
  /** The number of messages that were read of the conversation. */
  readonly messages: number;
  /** The digests of its last lists of messages, that of all messages last. */
  readonly lists: readonly string[];
  /** Whether all of the conversation was read. */
  readonly isWhole: boolean;
}

/** The member that holds the conversation, by the endpoint; calls of other endpoints are part of none. */
export const CONVERSATIONS: Readonly<Partial<Record<EndpointName, string>>> = {
  messages: 'messages',
  'chat.completions': 'messages',
  responses: 'input',
  generate_content: 'contents',
};

const KEPT: Kept = {
  metadata: { user_id: true },
  previous_response_id: true,
  thread: { previous_message_id: true },
};

/** The bytes of a body that are looked at: as many as are kept of one, if it is. */
const MAX_SCANNED = 32 * 1024 * 1024;
/** The bytes of a compressed body that are decoded, and how many that may be then. */
const BOUNDS = { compressed: 256 * 1024, decoded: 8 * 1024 * 1024 };

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const WHOLE_UUID = new RegExp(`^${UUID}$`, 'i');
const SESSION_SUFFIX = new RegExp(`_session_(${UUID})$`, 'i');
const SUFFIX_LENGTH = '_session_'.length + 36;
/** The maximum length of an id of a user that is a JSON object. */
const MAX_USER_ID = 2_048;
const MAX_ID = 256;

/** Finds what a request's body says about its session, in a copy of its bytes that is read as it passes and not kept. */
export class SessionLinkReader {
  private readonly digests = new MessageDigests();
  private scanner: JsonScanner | undefined;
  private found: SessionLinks | undefined;
  private readonly body: PlainRequest;
  private scanned = 0;

  /**
   * @param conversation the member that holds the conversation.
   * @param contentEncoding the request's header of that name.
   */
  constructor(conversation: string, contentEncoding: string | undefined) {
    this.scanner = new JsonScanner(KEPT, { name: conversation, to: this.digests });
    this.body = new PlainRequest(contentEncoding, BOUNDS, (bytes) => this.scan(bytes));
  }

  chunk(chunk: Buffer): void {
    this.body.chunk(chunk);
  }

  async links(): Promise<SessionLinks> {
    await this.body.finish();
    return this.found ?? this.finish(this.scanner);
  }

  private scan(bytes: Buffer): void {
    if (this.scanner === undefined) return;
    this.scanner.feed(bytes.subarray(0, MAX_SCANNED - this.scanned).toString('latin1'));
    this.scanned += bytes.length;
    if (this.scanner.isAtEnd || this.scanned >= MAX_SCANNED) this.finish(this.scanner);
  }

  /** Takes what was found, and frees the memory: a response can last for minutes. */
  private finish(scanner: JsonScanner | undefined): SessionLinks {
    const { value, isWhole = false } = scanner?.finish() ?? {};
    this.scanner = undefined;
    const body = isObject(value) ? value : {};
    const { count, lists, isCut } = this.digests;
    const { sessionId, previousId } = linksIn(body);
    this.found = { sessionId, previousId, messages: count, lists: [...lists], isWhole: isWhole && !isCut };
    return this.found;
  }
}

function linksIn(body: JsonObject): Pick<SessionLinks, 'sessionId' | 'previousId'> {
  const previous =
    textIn(body, 'previous_response_id') ?? textIn(objectIn(body, 'thread'), 'previous_message_id');
  return {
    sessionId: sessionIn(textIn(objectIn(body, 'metadata'), 'user_id')),
    previousId: isId(previous) ? previous : undefined,
  };
}

/**
 * Returns the id of the session that an agent names in the id of its user: behind `_session_` at its end, or, as some versions
 * of Claude Code do, as `session_id` of a JSON object. Only a UUID is taken for one.
 */
export function sessionIn(userId: string | undefined): string | undefined {
  if (userId?.startsWith('{') !== true) return SESSION_SUFFIX.exec(userId?.slice(-SUFFIX_LENGTH) ?? '')?.[1];
  if (userId.length > MAX_USER_ID) return undefined;
  try {
    const value: unknown = JSON.parse(userId);
    const id = isObject(value) ? textIn(value, 'session_id') : undefined;
    return id !== undefined && WHOLE_UUID.test(id) ? id : undefined;
  } catch {
    return undefined; // it only looks like one
  }
}

/** Tells whether a text can be an id that the ledger holds as it is. */
function isId(text: string | undefined): boolean {
  return text !== undefined && text.length <= MAX_ID && isDisplayable(text);
}
