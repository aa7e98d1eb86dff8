import { IncomingMessage } from 'node:http';
import { AuthCache } from '../cache/auth-cache';
import { hashToken } from './token';
import { UnknownTokenLimiter } from './unknown-token-limiter';
import { LastUsedTracker } from './last-used-tracker';

/** What a request needs to know of the token that it presents. */
export interface KnownToken {
  readonly userId: string;
  readonly id: string;
  /** Null for a token that does not expire. */
  readonly expiresAt: Date | null;
  /** As far as this process has seen. */
  lastUsedAt: Date | null;
}

/** In what one kind of token differs from another. */
interface TokenKind<Known extends KnownToken> {
  /** Whether a text has the shape of such a token; the database is never asked for any other. */
  readonly isToken: (text: string) => boolean;
  /** Reads the token's row, also of an expired or revoked one; undefined when there is none, or its person is deactivated. */
  readonly load: (tokenHash: string) => Promise<Known | undefined>;
}

/**
 * The way from a token that a client presents to what is known of it: its shape, its hash, the cache, the limit of unknown
 * tokens, the database. What is found may have expired: a clock that is set right brings it back at once.
 */
export class CachedAuthenticator<Known extends KnownToken> {
  constructor(
    private readonly kind: TokenKind<Known>,
    private readonly cache: AuthCache<Known>,
    private readonly unknownTokens: UnknownTokenLimiter,
    private readonly uses: LastUsedTracker,
  ) {}

  /**
   * Asks the database each time.
   * @throws TooManyAttempts without asking, when too many unknown tokens came from the client's network.
   */
  find(token: string, request: IncomingMessage): Promise<Known | undefined> {
    return this.kind.isToken(token) ? this.load(hashToken(token), request) : NOT_FOUND;
  }

  /**
   * Answers from memory when this token was asked for a moment ago: an agent's calls come by the hundred. A change of what
   * its person may do counts all the same from the next request on, on another replica within a second.
   * @throws as find().
   */
  findCached(token: string, request: IncomingMessage): Promise<Known | undefined> {
    if (!this.kind.isToken(token)) return NOT_FOUND;
    const tokenHash = hashToken(token);
    return this.cache.get(tokenHash, () => this.load(tokenHash, request));
  }

  /**
   * Notes that the token was used, to the minute; no request waits for it.
   * @returns whether a minute was over, and it is written.
   */
  noteUse(known: Known, write: (now: Date) => Promise<unknown>): boolean {
    return this.uses.note(known, write);
  }

  private load(tokenHash: string, request: IncomingMessage): Promise<Known | undefined> {
    return this.unknownTokens.find(tokenHash, request, () => this.kind.load(tokenHash));
  }
}

/** To the moment: what is kept in memory does not outlive its token. */
export function hasExpired(expiresAt: Date | null): expiresAt is Date {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

const NOT_FOUND = Promise.resolve(undefined);
