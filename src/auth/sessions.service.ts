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
import { LastUsedTracker } from './last-used-tracker';

const SESSION_DAYS = 30;
const DAY_MS = 86_400_000;
/** Per user. */
const MAX_SESSIONS = 100;

/** A session as its owner gets it once: the only moment in which the token is known. */
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
    private readonly lookups: UnknownTokenLimiter,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.uses = new LastUsedTracker(logger, 'a session');
    const isToken = (text: string) => SESSION_TOKEN.test(text);
    const kind = { isToken, load: (tokenHash: string) => this.load(tokenHash) };
    this.authenticator = new CachedAuthenticator(kind, caches.make('sessions'), lookups, this.uses);
  }

  /**
   * Begins a session that lasts 30 days. Within the caller's transaction, which holds the user's row, so that of two at once
   * the second counts the first. Ends the least recently used of more than the maximum.
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
    this.lookups.markKnown(tokenHash);
    return { id, token, expiresAt };
  }

  /**
   * Whose session this token is. Anything that is not shaped like a session token is refused before the database.
   * @returns undefined for an unknown, expired or ended one, and for one of a person who was deactivated.
   * @throws TooManyAttempts without asking, when too many unknown ones came from the client's network.
   */
  async authenticate(token: string, request: IncomingMessage): Promise<SignedInUser | undefined> {
    return this.use(await this.authenticator.find(token, request));
  }

  /**
   * As `authenticate`, from memory when this token was asked for a moment ago: an agent's calls come by the hundred. What
   * revokes a session counts all the same from the next request on, on another replica within a second.
   */
  async authenticateCached(token: string, request: IncomingMessage): Promise<SignedInUser | undefined> {
    return this.use(await this.authenticator.findCached(token, request));
  }

  /** A person's live sessions, the latest used first. */
  async list(userId: string): Promise<SessionEntity[]> {
    return this.sessions.find({
      where: { userId, expiresAt: MoreThan(new Date()) },
      order: { lastUsedAt: 'DESC', createdAt: 'DESC' },
    });
  }

  /** @returns whether there was such a session of this user. */
  async revoke(userId: string, sessionId: string): Promise<boolean> {
    const { affected } = await this.sessions.delete({ id: sessionId, userId });
    this.caches.invalidate(userId);
    return affected === 1;
  }

  /**
   * Whether the session has not been revoked. It can't be until the caller's transaction is over: what is decided by it
   * counts, or is undone by what ends it.
   */
  async lockActive(transaction: EntityManager, { userId, sessionId }: SignedInUser): Promise<boolean> {
    const session = await transaction.findOne(SessionEntity, {
      where: { id: sessionId, userId },
      lock: { mode: 'for_key_share' },
    });
    return session !== null;
  }

  /** The same within the caller's transaction. */
  async revokeOne(transaction: EntityManager, userId: string, sessionId: string): Promise<boolean> {
    const { affected } = await transaction.delete(SessionEntity, { id: sessionId, userId });
    this.caches.invalidateOnCommit(transaction, userId);
    return affected === 1;
  }

  /** Within the caller's transaction; all of a person's, but for the one that is kept. */
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
      user: { deactivatedAt: IsNull() }, // a sign-in that was under way would otherwise outlast the end of all sessions
    });
    if (session === null) return undefined;
    const { userId, id, expiresAt, lastUsedAt } = session;
    return { userId, id, expiresAt, lastUsedAt };
  }

  private use(session: KnownToken | undefined): SignedInUser | undefined {
    if (session === undefined || hasExpired(session.expiresAt)) return undefined;
    const { userId, id } = session;
    this.authenticator.noteUse(session, (lastUsedAt) => this.sessions.update({ id }, { lastUsedAt }));
    return { userId, sessionId: id };
  }
}
