import { IncomingMessage } from 'node:http';
import { AuthCache } from '../cache/auth-cache';
import { hashToken } from './token';
import { UnknownTokenLimiter } from './unknown-token-limiter';
import { LastUsedTracker } from './last-used-tracker';

/** What a request needs to know about the token that it presents. */
export interface KnownToken {
  readonly userId: string;
  readonly id: string;
  /** Null for a token that does not expire. */
  readonly expiresAt: Date | null;
  /** The last use of the token that this process knows of. */
  lastUsedAt: Date | null;
}

/** The differences between one kind of token and another. */
interface TokenKind<Known extends KnownToken> {
  /** Returns whether a text has the format of such a token. Other texts never reach the database. */
  readonly isToken: (text: string) => boolean;
  /**
   * Loads the token's row, even when it is expired or revoked. Returns undefined when there is none, or its user is
   * deactivated.
   */
  readonly load: (tokenHash: string) => Promise<Known | undefined>;
}

/**
 * Authenticates a presented token: checks its format, hashes it, and looks it up in the cache or, within the limit of
 * unknown tokens, in the database. The result may have expired, which callers check on each request, so that after the
 * correction of a wrong clock a token is valid again at once.
 */
export class CachedAuthenticator<Known extends KnownToken> {
  constructor(
    private readonly kind: TokenKind<Known>,
    private readonly cache: AuthCache<Known>,
    private readonly unknownTokens: UnknownTokenLimiter,
    private readonly uses: LastUsedTracker,
  ) {}

  /**
   * Looks up a token in the database each time.
   * @throws TooManyAttempts without a query when too many unknown tokens came from the client's network.
   */
  find(token: string, request: IncomingMessage): Promise<Known | undefined> {
    return this.kind.isToken(token) ? this.load(hashToken(token), request) : NOT_FOUND;
  }

  /**
   * Looks up a token in the cache first, because an agent sends hundreds of requests. A change of the user's access still
   * takes effect from the next request on, and on another replica within a second.
   * @throws TooManyAttempts as find() does.
   */
  findCached(token: string, request: IncomingMessage): Promise<Known | undefined> {
    if (!this.kind.isToken(token)) return NOT_FOUND;
    const tokenHash = hashToken(token);
    return this.cache.get(tokenHash, () => this.load(tokenHash, request));
  }

  /**
   * Records the use of a token, to the minute. No request waits for it.
   * @returns whether the use is written; false within a minute of the previous one.
   */
  noteUse(known: Known, write: (now: Date) => Promise<unknown>): boolean {
    return this.uses.note(known, write);
  }

  private load(tokenHash: string, request: IncomingMessage): Promise<Known | undefined> {
    return this.unknownTokens.find(tokenHash, request, () => this.kind.load(tokenHash));
  }
}

/** Returns whether a token has expired by now. Checked on each request, so that a cache entry does not outlive its token. */
export function hasExpired(expiresAt: Date | null): expiresAt is Date {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

const NOT_FOUND = Promise.resolve(undefined);
