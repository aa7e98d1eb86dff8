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
/** RFC 8628 3.5: `slow_down` adds five seconds to the interval, for this and all later polls. */
const SLOW_DOWN_SECONDS = 5;
/** A client that keeps to the interval is never told to slow down because the network was faster this time. */
const JITTER_MS = 1_000;
/** Polls a minute with one code that come too soon; the others are told the same without asking the database. */
const MAX_TOO_SOON = 5;

/** The answers of RFC 8628 3.5 and RFC 6749 5.2 to a client that can't have its token (yet). */
export type PollRefusal =
  'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';

export interface Redeemed {
  /** Of the login, as its approval was told to the audit trail. */
  readonly loginId: string;
  readonly user: UserEntity;
  readonly session: NewSession;
}

/** Signing in on a device without a browser (RFC 8628): the client polls while a person says yes elsewhere. */
@Injectable()
export class DeviceLoginService {
  private readonly polls = new Polls<Redeemed | PollRefusal>(toLaterPoll);
  private readonly tooSoon: Attempts;

  constructor(
    @InjectRepository(DeviceAuthorizationEntity)
    private readonly authorizations: Repository<DeviceAuthorizationEntity>,
    private readonly sessions: SessionsService,
    private readonly lookups: UnknownTokenLimiter,
    @Inject(CONFIG) { rateLimits }: Config,
  ) {
    this.tooSoon = new Attempts(MAX_TOO_SOON, rateLimits);
  }

  /** Begins one that waits for ten minutes. Both codes are known here alone; the database has their hashes. */
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
    for (const codeHash of [deviceCodeHash, userCodeHash]) this.lookups.markKnown(codeHash);
    return { deviceCode, userCode };
  }

  /** What waits under this code, or undefined when nothing does (any more). */
  async find(userCode: string, request: IncomingMessage): Promise<DeviceAuthorizationEntity | undefined> {
    const waiting = pendingUnder(userCode);
    if (waiting === undefined) return undefined;
    const ask = async () => (await this.authorizations.findOneBy(waiting)) ?? undefined;
    return this.lookups.find(waiting.userCodeHash, request, ask);
  }

  /**
   * A decision is made once.
   * @returns the id of the login; undefined when nothing waited under this code, or the session can't decide any more.
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
    return this.lookups.find(waiting.userCodeHash, request, decide);
  }

  /**
   * One poll: mints the session of whoever approved, once, or says why not. Each one is a transaction that locks the login's
   * row, so that who polls without a pause, which needs no account, would keep everybody else's queries waiting.
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
      // The person first, as everything does that revokes their access, or the two could wait for each other.
      const user = await this.personBehind(transaction, (await authorizations.findOneBy(where))?.userId);
      // Locked, so that of two polls at one moment, here and on another replica, only one gets the session.
      const waiting = await authorizations.findOne({ where, lock: { mode: 'pessimistic_write' } });
      if (waiting === null) return 'invalid_grant';
      const { id, status, userId, clientName, expiresAt } = waiting;
      if (expiresAt <= new Date()) return 'expired_token';
      if (status === 'denied') return 'access_denied';
      if (status === 'approved' && userId !== null) {
        if (user === null) return 'authorization_pending'; // approved in this very moment: the next poll sees it
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

  /** Who approved, held until the transaction is over, so that nothing revokes their access halfway. */
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

/** As if it had come right after the earlier one: a session is given once. */
function toLaterPoll(earlier: Redeemed | PollRefusal): PollRefusal {
  if (typeof earlier !== 'string') return 'invalid_grant';
  return earlier === 'authorization_pending' ? 'slow_down' : earlier;
}

function isTooSoon({ lastPolledAt, intervalSeconds }: DeviceAuthorizationEntity): boolean {
  return lastPolledAt !== null && Date.now() - lastPolledAt.getTime() < intervalSeconds * 1000 - JITTER_MS;
}
