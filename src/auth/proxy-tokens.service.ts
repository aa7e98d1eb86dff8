import { Inject, Injectable, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Logger } from 'pino';
import { DataSource, EntityManager, In, IsNull, MoreThan, Repository } from 'typeorm';
import { AuthCaches } from '../cache/auth-caches';
import { clientOf } from '../logging/client';
import { LOGGER } from '../logging/logging.module';
import { CachedAuthenticator, hasExpired, KnownToken } from './cached-authenticator';
import { KeyedMutex } from './keyed-mutex';
import { SignedInUser } from './principal';
import { isProxyToken, maskProxyToken, mintProxyToken } from './proxy-token';
import { ProxyTokenEntity } from './proxy-token.entity';
import { SessionsService } from './sessions.service';
import { hashToken } from './token';
import { UnknownTokenLimiter } from './unknown-token-limiter';
import { LastUsedTracker, updateUnlessLocked } from './last-used-tracker';
import { UserEntity } from './user.entity';

/** The maximum number of active proxy tokens per user. */
export const MAX_PROXY_TOKENS = 50;

const DAY_MS = 86_400_000;
/** How long before the expiry of a token in use the log warns of it. */
const WARNED_MS = 7 * DAY_MS;
/** The maximum number of expired or revoked tokens that are kept per user, because a build may create a token on each run. */
const MAX_KEPT = 200;

/** A new proxy token for its owner. The token itself is known only at this time. */
export interface NewProxyToken {
  readonly entity: ProxyTokenEntity;
  readonly token: string;
}

/** What a proxy token is created with. */
export interface WantedToken {
  readonly name: string;
  readonly expiresAt: Date | null;
  /**
   * Returns the id of the token's organization, or null when the user is in none. Called within the transaction that holds the
   * lock on the user's row, so that a concurrent departure either comes first or also revokes the new token.
   */
  readonly chooseOrg: (transaction: EntityManager) => Promise<string | null>;
}

/** What a request needs to know about its proxy token. */
interface KnownProxyToken extends KnownToken {
  readonly orgId: string | null;
  readonly name: string;
  readonly revokedAt: Date | null;
}

/**
 * The user of a valid token, or since when the token is expired or revoked. Its holder may know the latter, because the
 * token was theirs.
 */
export type TokenAuthentication = { readonly id: string } & (
  | { readonly state: 'live'; readonly userId: string; readonly orgId: string | null }
  | { readonly state: 'expired' | 'revoked'; readonly name: string; readonly at: Date }
);

/** Proxy tokens: credentials that give access to the proxy and nothing else, for as long as their owner chose. */
@Injectable()
export class ProxyTokensService implements OnModuleDestroy {
  private readonly uses: LastUsedTracker;
  private readonly authenticator: CachedAuthenticator<KnownProxyToken>;
  /** When the log last warned of the expiry of a token, by the token's id. */
  private readonly warned = new Map<string, number>();

  constructor(
    @InjectRepository(ProxyTokenEntity) private readonly tokens: Repository<ProxyTokenEntity>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly mutex: KeyedMutex,
    private readonly caches: AuthCaches,
    private readonly unknownTokens: UnknownTokenLimiter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.uses = new LastUsedTracker(logger, 'a proxy token');
    const kind = { isToken: isProxyToken, load: (tokenHash: string) => this.load(tokenHash) };
    this.authenticator = new CachedAuthenticator(
      kind,
      caches.create('proxy_tokens'),
      unknownTokens,
      this.uses,
    );
  }

  /**
   * Creates a proxy token. Locks the user's row and the session, so that concurrent calls count each other's tokens, and a
   * revocation of all access either comes first or also revokes the new token. Deletes the oldest expired or revoked
   * tokens above the maximum.
   * @returns the new token, or why none was created.
   */
  async create(
    user: SignedInUser,
    wanted: WantedToken,
  ): Promise<NewProxyToken | 'too_many' | 'session_revoked'> {
    return this.mutex.run(user.userId, () => this.insert(user, wanted));
  }

  private async insert(
    user: SignedInUser,
    { name, expiresAt, chooseOrg }: WantedToken,
  ): Promise<NewProxyToken | 'too_many' | 'session_revoked'> {
    const { userId } = user;
    return this.dataSource.transaction(async (transaction) => {
      await transaction.findOne(UserEntity, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
      if (!(await this.sessions.lockActive(transaction, user))) return 'session_revoked';
      const orgId = await chooseOrg(transaction);
      const tokens = transaction.getRepository(ProxyTokenEntity);
      await sweep(transaction, userId);
      const live = { userId, revokedAt: IsNull() };
      const count = await tokens.count({
        where: [
          { ...live, expiresAt: IsNull() },
          { ...live, expiresAt: MoreThan(new Date()) },
        ],
      });
      if (count >= MAX_PROXY_TOKENS) return 'too_many';
      const token = mintProxyToken();
      const [id, tokenHash] = [randomUUID(), hashToken(token)];
      const none = { revokedAt: null, lastUsedAt: null, lastClient: null };
      const maskedToken = maskProxyToken(token);
      const entity = await tokens.save({
        id,
        userId,
        orgId,
        name,
        tokenHash,
        maskedToken,
        expiresAt,
        ...none,
      });
      this.unknownTokens.markKnown(tokenHash);
      return { entity, token };
    });
  }

  /** Returns a user's proxy tokens, newest first. Expired ones are included, revoked ones are not. */
  async list(userId: string): Promise<ProxyTokenEntity[]> {
    return this.tokens.find({
      where: { userId, revokedAt: IsNull() },
      order: { createdAt: 'DESC', id: 'ASC' },
    });
  }

  /**
   * Renames a proxy token.
   * @returns undefined when the user has no such token, or it was revoked.
   */
  async rename(userId: string, id: string, name: string): Promise<ProxyTokenEntity | undefined> {
    await this.tokens.update({ id, userId, revokedAt: IsNull() }, { name });
    this.caches.invalidate(userId);
    return (await this.tokens.findOneBy({ id, userId, revokedAt: IsNull() })) ?? undefined;
  }

  /**
   * Revokes a proxy token from the next request on. A response that is already being sent is not cut off.
   * @returns the revoked token, or undefined when the user has no such token.
   */
  async revoke(userId: string, id: string): Promise<ProxyTokenEntity | undefined> {
    const token = await this.tokens.findOneBy({ id, userId, revokedAt: IsNull() });
    if (token === null) return undefined;
    const revokedAt = new Date();
    const { affected } = await this.tokens.update({ id, userId, revokedAt: IsNull() }, { revokedAt });
    this.caches.invalidate(userId);
    return affected === 1 ? { ...token, revokedAt } : undefined;
  }

  /** Revokes all proxy tokens of a user within the caller's transaction. */
  async revokeAll(transaction: EntityManager, userId: string): Promise<void> {
    await transaction.update(ProxyTokenEntity, { userId, revokedAt: IsNull() }, { revokedAt: new Date() });
    this.caches.invalidateOnCommit(transaction, userId);
  }

  /** Revokes a user's proxy tokens for one organization, or for all that are given, within the caller's transaction. */
  async revokeInOrgs(transaction: EntityManager, userId: string, orgIds: readonly string[]): Promise<void> {
    const where = { userId, orgId: In([...orgIds]), revokedAt: IsNull() };
    await transaction.update(ProxyTokenEntity, where, { revokedAt: new Date() });
    this.caches.invalidateOnCommit(transaction, userId);
  }

  /**
   * Revokes all proxy tokens for an organization within the caller's transaction, which has to announce the change for each member:
   * nobody else has one.
   */
  async revokeOfOrg(transaction: EntityManager, orgId: string): Promise<void> {
    await transaction.update(ProxyTokenEntity, { orgId, revokedAt: IsNull() }, { revokedAt: new Date() });
  }

  /**
   * Returns the id of a token, even of an expired or revoked one, or undefined for an unknown one. It uses the cache as
   * authenticateCached() does, and does not record a use.
   * @throws TooManyAttempts as authenticateCached() does.
   */
  async idOf(token: string, request: IncomingMessage): Promise<string | undefined> {
    return (await this.authenticator.findCached(token, request))?.id;
  }

  /**
   * Authenticates a proxy token with the cache. A revocation still takes effect from the next request on, and on another
   * replica within a second.
   * @param request the request that presents the token; its `user-agent` is recorded with the use, to the minute.
   * @returns undefined for an unknown token, and for one of a deactivated user.
   * @throws TooManyAttempts without a query when too many unknown tokens came from the client's network.
   */
  async authenticateCached(
    token: string,
    request: IncomingMessage,
  ): Promise<TokenAuthentication | undefined> {
    const known = await this.authenticator.findCached(token, request);
    if (known === undefined) return undefined;
    const { userId, orgId, id, name, expiresAt, revokedAt } = known;
    // A token that was revoked after its expiry counts as expired: it was revoked only to remove it from the list.
    if (hasExpired(expiresAt) && (revokedAt === null || expiresAt <= revokedAt))
      return { id, state: 'expired', name, at: expiresAt };
    if (revokedAt !== null) return { id, state: 'revoked', name, at: revokedAt };
    this.touch(known, token, request.headers);
    return { id, state: 'live', userId, orgId };
  }

  async onModuleDestroy(): Promise<void> {
    await this.uses.settled();
  }

  /** Loads a token, even an expired or revoked one, so that the refusal can say so. */
  private async load(tokenHash: string): Promise<KnownProxyToken | undefined> {
    const found = await this.tokens.findOneBy({ tokenHash, user: { deactivatedAt: IsNull() } });
    if (found === null) return undefined;
    const { userId, orgId, id, name, expiresAt, revokedAt, lastUsedAt } = found;
    return { userId, orgId, id, name, expiresAt, revokedAt, lastUsedAt };
  }

  private touch(known: KnownProxyToken, token: string, headers: IncomingHttpHeaders): void {
    const isWritten = this.authenticator.noteUse(known, (lastUsedAt) =>
      updateUnlessLocked(this.tokens, known.id, {
        lastUsedAt,
        lastClient: clientOf(headers),
        maskedToken: maskProxyToken(token),
      }),
    );
    if (isWritten) this.warnOfExpiry(known, Date.now());
  }

  /** Warns in the log that a token in use expires soon, once a day per process. */
  private warnOfExpiry({ id, userId, expiresAt }: KnownProxyToken, now: number): void {
    if (expiresAt === null || expiresAt.getTime() - now > WARNED_MS) return;
    if (now - (this.warned.get(id) ?? -Infinity) < DAY_MS) return;
    for (const [other, at] of this.warned) if (now - at >= DAY_MS) this.warned.delete(other);
    this.warned.set(id, now);
    this.logger.warn(
      { user_id: userId, proxy_token_id: id, expires_at: expiresAt.toISOString() },
      'A proxy token that is in use expires soon; its owner can create another one',
    );
  }
}

/** Deletes the oldest expired or revoked tokens above the maximum, within the caller's transaction. */
async function sweep(transaction: EntityManager, userId: string): Promise<void> {
  await transaction.query(
    `DELETE FROM "proxy_tokens" WHERE "id" IN (
       SELECT "id" FROM (
         SELECT "id", row_number() OVER (ORDER BY LEAST("revoked_at", "expires_at") DESC) AS "rank"
         FROM "proxy_tokens" WHERE "user_id" = $1 AND LEAST("revoked_at", "expires_at") <= $2
       ) AS "over" WHERE "rank" > $3)`,
    [userId, new Date(), MAX_KEPT],
  );
}
