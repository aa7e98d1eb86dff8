import { LRUCache } from 'lru-cache';
import { hashOf } from './row-of-call';

/** Whose sessions they are. Nothing is found across these: session ids are what clients say. */
export interface SessionScope {
  readonly userId: string;
  readonly orgId: string | null;
  readonly clientKind: string;
}

/** Where a conversation can go on: with the same token. */
export interface ConversationScope extends SessionScope {
  readonly proxyTokenId: string | null;
}

/** The maximum number of responses and messages whose sessions are remembered. */
const MAX_ANSWERS = 20_000;
/** The maximum number of tokens and clients whose conversations are remembered, and of how many lists of messages each. */
const MAX_SCOPES = 500;
const MAX_LISTS = 200;
/** How long a conversation may rest before it counts as another one. */
const CONVERSATION_MS = 30 * 60_000;

/** Remembers, in bounded memory, which sessions the latest calls of this process belong to. */
export class SessionMemory {
  private readonly answers = new LRUCache<string, string>({ max: MAX_ANSWERS });
  private readonly conversations: LRUCache<string, LRUCache<string, string>>;

  /** @param clock measures how long a conversation rests. */
  constructor(private readonly clock: { now(): number } = performance) {
    this.conversations = new LRUCache({ max: MAX_SCOPES });
  }

  /** Remembers which session a response or message was given in. */
  rememberAnswer(scope: SessionScope, messageId: string, sessionId: string): void {
    this.answers.set(answerKey(scope, messageId), sessionId);
  }

  /** Returns the session in which a response or message was given. */
  sessionOfAnswer(scope: SessionScope, messageId: string): string | undefined {
    return this.answers.get(answerKey(scope, messageId));
  }

  /**
   * Returns the latest session whose messages are the beginning of a conversation, that with the longest beginning.
   * @param lists the digests of the conversation's lists, that of all messages last.
   */
  sessionOfConversation(scope: ConversationScope, lists: readonly string[]): string | undefined {
    const known = this.conversations.get(conversationKey(scope));
    if (known === undefined) return undefined;
    for (const list of lists.toReversed()) {
      const sessionId = known.get(list);
      if (sessionId !== undefined) return sessionId;
    }
    return undefined;
  }

  /** Remembers the session of a conversation, by the digest of its messages. */
  rememberConversation(scope: ConversationScope, list: string, sessionId: string): void {
    const key = conversationKey(scope);
    const known = this.conversations.get(key) ?? this.newLists();
    known.set(list, sessionId);
    this.conversations.set(key, known);
  }

  private newLists(): LRUCache<string, string> {
    return new LRUCache({
      ...{ max: MAX_LISTS, ttl: CONVERSATION_MS, updateAgeOnGet: true },
      ...{ perf: this.clock, ttlResolution: 0 },
    });
  }
}

function answerKey({ userId, orgId, clientKind }: SessionScope, messageId: string): string {
  return hashOf(JSON.stringify([userId, orgId, clientKind, messageId]));
}

function conversationKey({ userId, orgId, clientKind, proxyTokenId }: ConversationScope): string {
  return JSON.stringify([userId, orgId, clientKind, proxyTokenId]);
}
