import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IncomingMessage } from 'node:http';
import { EntityManager, MoreThan, Repository } from 'typeorm';
import { Attempts } from '../api/attempts';
import { TooManyAttempts } from '../api/too-many-attempts';
import { SignedInUser } from '../auth/principal';
import { NewSession, SessionsService } from '../auth/sessions.service';
import { hashToken } from '../auth/token';
import { UnknownTokenLimiter } from '../auth/unknown-token-limiter';
import { UserEntity } from '../auth/user.entity';
import { CONFIG, Config } from '../config/config';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { isDeviceCode, mintDeviceCode, mintUserCode, normalizeUserCode } from './device-codes';
import { sweepDeviceLogins } from './device-sweep';
import { Polls } from './polls';

export const DEVICE_CODE_SECONDS = 600;
export const POLL_INTERVAL_SECONDS = 5;
/** The number of seconds that `slow_down` adds to the interval, for this and all later polls (RFC 8628 3.5). */
const SLOW_DOWN_SECONDS = 5;
/** The tolerance on the polling interval, so that network jitter never makes a well-behaved client too fast. */
const JITTER_MS = 1_000;
/**
 * The maximum number of early polls a minute with one code that reach the database. Further ones get `slow_down` without a
 * query.
 */
const MAX_TOO_SOON = 5;

/** The errors of RFC 8628 3.5 and RFC 6749 5.2 for a client that can't have a token, or not yet. */
export type PollRefusal =
  'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';

export interface Redeemed {
  /** The id of the device login, as in the audit event of its approval. */
  readonly loginId: string;
  readonly user: UserEntity;
  readonly session: NewSession;
}

/** Device login for clients without a browser (RFC 8628): the client polls while the user approves in a browser. */
@Injectable()
export class DeviceLoginService {
  private readonly polls = new Polls<Redeemed | PollRefusal>(toLaterPoll);
  private readonly tooSoon: Attempts;

  constructor(
    @InjectRepository(DeviceAuthorizationEntity)
    private readonly authorizations: Repository<DeviceAuthorizationEntity>,
    private readonly sessions: SessionsService,
    private readonly unknownTokens: UnknownTokenLimiter,
    @Inject(CONFIG) { rateLimits }: Config,
  ) {
    this.tooSoon = new Attempts(MAX_TOO_SOON, rateLimits);
  }

  /** Begins a device login that expires after ten minutes. The codes are returned only here; the database stores their hashes. */
  async begin(
    clientName: string,
    clientAddress: string | null,
  ): Promise<{ deviceCode: string; userCode: string }> {
    const [deviceCode, userCode] = [mintDeviceCode(), mintUserCode()];
    const [deviceCodeHash, userCodeHash] = [hashToken(deviceCode), hashToken(userCode)];
    await this.authorizations.insert({
      deviceCodeHash,
      userCodeHash,
      clientName,
      clientAddress,
      intervalSeconds: POLL_INTERVAL_SECONDS,
      expiresAt: new Date(Date.now() + DEVICE_CODE_SECONDS * 1000),
    });
    await sweepDeviceLogins(this.authorizations);
    for (const codeHash of [deviceCodeHash, userCodeHash]) this.unknownTokens.markKnown(codeHash);
    return { deviceCode, userCode };
  }

  /**
   * Returns the pending login with this user code, or undefined when there is none (any more).
   * @throws TooManyAttempts when too many codes from the client's network were unknown.
   */
  async find(userCode: string, request: IncomingMessage): Promise<DeviceAuthorizationEntity | undefined> {
    const waiting = pendingUnder(userCode);
    if (waiting === undefined) return undefined;
    const ask = async () => (await this.authorizations.findOneBy(waiting)) ?? undefined;
    return this.unknownTokens.find(waiting.userCodeHash, request, ask);
  }

  /**
   * Approves or denies a pending login, which can be decided only once.
   * @returns the id of the login, or undefined when none is pending under this code or the session was revoked.
   * @throws TooManyAttempts when too many codes from the client's network were unknown.
   */
  async decide(
    userCode: string,
    user: SignedInUser,
    decision: 'approved' | 'denied',
    request: IncomingMessage,
  ): Promise<string | undefined> {
    const waiting = pendingUnder(userCode);
    if (waiting === undefined) return undefined;
    const decide = () =>
      this.authorizations.manager.transaction(async (transaction) => {
        if (!(await this.sessions.lockActive(transaction, user))) return undefined;
        const found = await transaction.findOneBy(DeviceAuthorizationEntity, waiting);
        if (found === null) return undefined;
        const change = { status: decision, userId: user.userId };
        const still = { ...waiting, id: found.id };
        const { affected } = await transaction.update(DeviceAuthorizationEntity, still, change);
        return affected === 1 ? found.id : undefined;
      });
    return this.unknownTokens.find(waiting.userCodeHash, request, decide);
  }

  /**
   * Handles one poll: creates the session once the login is approved, exactly once, or returns why not. Each poll that
   * reaches the database is a transaction that locks the login's row. Anybody may poll without an account, so polls are
   * limited here: otherwise a client without a pause would hold connections that other queries need.
   */
  async poll(deviceCode: string): Promise<Redeemed | PollRefusal> {
    if (!isDeviceCode(deviceCode)) return 'invalid_grant';
    const deviceCodeHash = hashToken(deviceCode);
    return this.polls.run(deviceCodeHash, () => this.redeemUnlessTooSoon(deviceCodeHash));
  }

  private async redeemUnlessTooSoon(deviceCodeHash: string): Promise<Redeemed | PollRefusal> {
    try {
      const redeem = () => this.redeem(deviceCodeHash);
      return await this.tooSoon.run(deviceCodeHash, redeem, (result) => result === 'slow_down');
    } catch (error) {
      if (error instanceof TooManyAttempts) return 'slow_down';
      throw error;
    }
  }

  private async redeem(deviceCodeHash: string): Promise<Redeemed | PollRefusal> {
    return this.authorizations.manager.transaction(async (transaction) => {
      const authorizations = transaction.getRepository(DeviceAuthorizationEntity);
      const where = { deviceCodeHash };
      // The user's row is locked before the login's, in the same order as by every revocation, to prevent a deadlock.
      const user = await this.personBehind(transaction, (await authorizations.findOneBy(where))?.userId);
      // The lock makes sure that of two concurrent polls, also on different replicas, only one gets the session.
      const waiting = await authorizations.findOne({ where, lock: { mode: 'pessimistic_write' } });
      if (waiting === null) return 'invalid_grant';
      const { id, status, userId, clientName, expiresAt } = waiting;
      if (expiresAt <= new Date()) return 'expired_token';
      if (status === 'denied') return 'access_denied';
      if (status === 'approved' && userId !== null) {
        if (user === null) return 'authorization_pending'; // approved after the user was read; the next poll succeeds
        if (user.deactivatedAt !== null) return 'access_denied';
        await authorizations.delete({ id });
        return {
          loginId: id,
          user,
          session: await this.sessions.start(userId, 'device', clientName, transaction),
        };
      }
      const tooSoon = isTooSoon(waiting);
      await authorizations.update(id, {
        lastPolledAt: new Date(),
        intervalSeconds: waiting.intervalSeconds + (tooSoon ? SLOW_DOWN_SECONDS : 0),
      });
      return tooSoon ? 'slow_down' : 'authorization_pending';
    });
  }

  /** Returns the approving user with a row lock until the end of the transaction, so that no revocation can run in between. */
  private async personBehind(
    transaction: EntityManager,
    userId: string | null | undefined,
  ): Promise<UserEntity | null> {
    if (userId === null || userId === undefined) return null;
    return transaction.findOne(UserEntity, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
  }
}

function pendingUnder(userCode: string) {
  const code = normalizeUserCode(userCode);
  if (code === undefined) return undefined;
  return { userCodeHash: hashToken(code), status: 'pending' as const, expiresAt: MoreThan(new Date()) };
}

/**
 * Returns the response to a poll that was coalesced with an earlier one, as if it had come right after it: a session is
 * returned only once.
 */
function toLaterPoll(earlier: Redeemed | PollRefusal): PollRefusal {
  if (typeof earlier !== 'string') return 'invalid_grant';
  return earlier === 'authorization_pending' ? 'slow_down' : earlier;
}

function isTooSoon({ lastPolledAt, intervalSeconds }: DeviceAuthorizationEntity): boolean {
  return lastPolledAt !== null && Date.now() - lastPolledAt.getTime() < intervalSeconds * 1000 - JITTER_MS;
}
