import { Inject, Injectable, OnModuleDestroy } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Logger } from 'pino';
import { EntityManager, In, IsNull, MoreThan, Not, Repository } from 'typeorm';
import { AuthCaches } from '../cache/auth-caches';
import { clientName } from '../logging/client';
import { LOGGER } from '../logging/logging.module';
import { CachedAuthenticator, hasExpired, KnownToken } from './cached-authenticator';
import { SignedInUser } from './principal';
import { SessionEntity, SessionKind } from './session.entity';
import { hashToken, mintToken, SESSION_TOKEN } from './token';
import { UnknownTokenLimiter } from './unknown-token-limiter';
import { LastUsedTracker, updateUnlessLocked } from './last-used-tracker';

const SESSION_DAYS = 30;
const DAY_MS = 86_400_000;
/** The maximum number of sessions per user. */
const MAX_SESSIONS = 100;

/** A new session for its user. The token itself is known only at this time. */
export interface NewSession {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: Date;
}

@Injectable()
export class SessionsService implements OnModuleDestroy {
  private readonly uses: LastUsedTracker;
  private readonly authenticator: CachedAuthenticator<KnownToken>;

  constructor(
    @InjectRepository(SessionEntity) private readonly sessions: Repository<SessionEntity>,
    private readonly caches: AuthCaches,
    private readonly unknownTokens: UnknownTokenLimiter,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.uses = new LastUsedTracker(logger, 'a session');
    const isToken = (text: string) => SESSION_TOKEN.test(text);
    const kind = { isToken, load: (tokenHash: string) => this.load(tokenHash) };
    this.authenticator = new CachedAuthenticator(kind, caches.create('sessions'), unknownTokens, this.uses);
  }

  /**
   * Starts a session of 30 days within the caller's transaction, which holds the lock on the user's row, so that of two
   * concurrent calls the second counts the first. Deletes the least recently used sessions above the maximum.
   */
  async start(
    userId: string,
    kind: SessionKind,
    userAgent: string | undefined,
    transaction: EntityManager,
  ): Promise<NewSession> {
    const [id, token] = [randomUUID(), mintToken('tvs')];
    const [tokenHash, expiresAt] = [hashToken(token), new Date(Date.now() + SESSION_DAYS * DAY_MS)];
    await this.makeRoom(transaction, userId);
    await transaction.insert(SessionEntity, {
      id,
      userId,
      kind,
      tokenHash,
      userAgent: clientName(userAgent),
      expiresAt,
    });
    this.unknownTokens.markKnown(tokenHash);
    return { id, token, expiresAt };
  }

  /**
   * Authenticates a session token. A text without the format of one never reaches the database.
   * @returns undefined for an unknown, expired or revoked session, and for one of a deactivated user.
   * @throws TooManyAttempts without a query when too many unknown tokens came from the client's network.
   */
  async authenticate(token: string, request: IncomingMessage): Promise<SignedInUser | undefined> {
    return this.use(await this.authenticator.find(token, request));
  }

  /**
   * Authenticates a session token with the cache, because an agent sends hundreds of requests. A revocation still takes
   * effect from the next request on, and on another replica within a second.
   * @returns undefined as authenticate() does.
   * @throws TooManyAttempts as authenticate() does.
   */
  async authenticateCached(token: string, request: IncomingMessage): Promise<SignedInUser | undefined> {
    return this.use(await this.authenticator.findCached(token, request));
  }

  /** Returns a user's active sessions, most recently used first. */
  async list(userId: string): Promise<SessionEntity[]> {
    return this.sessions.find({
      where: { userId, expiresAt: MoreThan(new Date()) },
      order: { lastUsedAt: 'DESC', createdAt: 'DESC' },
    });
  }

  /**
   * Revokes a session.
   * @returns whether the user had such a session.
   */
  async revoke(userId: string, sessionId: string): Promise<boolean> {
    const { affected } = await this.sessions.delete({ id: sessionId, userId });
    this.caches.invalidate(userId);
    return affected === 1;
  }

  /**
   * Locks a session until the end of the caller's transaction, unless it was revoked. A concurrent revocation waits for
   * the transaction, and so also undoes what the session has just approved.
   * @returns whether the session is active.
   */
  async lockActive(transaction: EntityManager, { userId, sessionId }: SignedInUser): Promise<boolean> {
    const session = await transaction.findOne(SessionEntity, {
      where: { id: sessionId, userId },
      lock: { mode: 'for_key_share' },
    });
    return session !== null;
  }

  /**
   * Revokes a session within the caller's transaction.
   * @returns whether the user had such a session.
   */
  async revokeOne(transaction: EntityManager, userId: string, sessionId: string): Promise<boolean> {
    const { affected } = await transaction.delete(SessionEntity, { id: sessionId, userId });
    this.caches.invalidateOnCommit(transaction, userId);
    return affected === 1;
  }

  /** Revokes all sessions of a user but the one to keep, within the caller's transaction. */
  async revokeAll(transaction: EntityManager, userId: string, keptId?: string): Promise<void> {
    await transaction.delete(SessionEntity, { userId, ...(keptId !== undefined && { id: Not(keptId) }) });
    this.caches.invalidateOnCommit(transaction, userId);
  }

  async onModuleDestroy(): Promise<void> {
    await this.uses.settled();
  }

  private async makeRoom(transaction: EntityManager, userId: string): Promise<void> {
    const sessions = transaction.getRepository(SessionEntity);
    const leastUsed = await sessions.find({
      select: { id: true },
      where: { userId, expiresAt: MoreThan(new Date()) },
      order: { lastUsedAt: 'DESC', createdAt: 'DESC' },
      skip: MAX_SESSIONS - 1,
    });
    if (leastUsed.length === 0) return;
    await sessions.delete({ id: In(leastUsed.map(({ id }) => id)) });
    this.caches.invalidateOnCommit(transaction, userId);
  }

  private async load(tokenHash: string): Promise<KnownToken | undefined> {
    const session = await this.sessions.findOneBy({
      tokenHash,
      user: { deactivatedAt: IsNull() }, // without it, a sign-in concurrent with a deactivation could leave a valid session
    });
    if (session === null) return undefined;
    const { userId, id, expiresAt, lastUsedAt } = session;
    return { userId, id, expiresAt, lastUsedAt };
  }

  private use(session: KnownToken | undefined): SignedInUser | undefined {
    if (session === undefined || hasExpired(session.expiresAt)) return undefined;
    const { userId, id } = session;
    this.authenticator.noteUse(session, (lastUsedAt) =>
      updateUnlessLocked(this.sessions, id, { lastUsedAt }),
    );
    return { userId, sessionId: id };
  }
}
