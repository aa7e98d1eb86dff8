import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { Logger } from 'pino';
import { LOGGER } from '../logging/logging.module';
import { GrantsRepository } from './grants.repository';
import { Quota, QuotaKey } from './quota';

/** How often the others are told what this process still holds. */
const RENEW_MS = 1_000;
/** How old what the others know may become while nothing changes; a grant is valid for half a minute. */
const MAX_AGE_MS = 8_000;
/** How long a quota is kept that nobody uses. */
const IDLE_MS = 60_000;
/**
 * How long a call waits for the database before it counts as unreachable, and for how long it then is not asked. A database
 * that is only busy, or a process that is, has to be waited for: calls that nobody has checked can pass the limit.
 */
const GRANT_MS = 10_000;
const PAUSE_MS = 2_000;
/** How often a call asks again, after others have taken what was granted. */
const MAX_TRIES = 5;

/** The database could not be asked whether a call is within its limits. */
export class LimitsUnsureError extends Error {}

interface Pending {
  need: number;
  readonly granted: Promise<void>;
}

/** The quotas that this process uses: takes what calls need from them, and has the database grant what they lack. */
@Injectable()
export class Quotas implements OnApplicationShutdown {
  private readonly quotas = new Map<string, Quota>();
  private readonly pending = new Map<Quota, Pending>();
  /** The last access to the database: one after another, so that none overtakes what it depends on. */
  private turn: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isRenewing = false;
  private unreachableUntil = -Infinity;

  constructor(
    private readonly grants: GrantsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Runs when the ledger has been written, and before the database is closed. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    const quotas = [...this.quotas.values()];
    this.quotas.clear();
    if (quotas.length > 0) await this.inTurn(() => this.grants.release(quotas)).catch(() => undefined); // they expire
  }

  /** Returns the quota of a key. */
  get(key: QuotaKey, amount: number): Quota {
    const name = `${key.limitId} ${key.subjectId} ${key.measure} ${key.period.start}`;
    let quota = this.quotas.get(name);
    if (quota === undefined) this.quotas.set(name, (quota = new Quota(key, amount)));
    quota.changeTo(amount);
    this.timer ??= setInterval(() => void this.renewAll(), RENEW_MS).unref();
    return quota;
  }

  /**
   * Takes what a call needs.
   * @returns false if that much is not left.
   * @throws LimitsUnsureError if the database would have to be asked and can't be reached.
   */
  async take(quota: Quota, need: number): Promise<boolean> {
    if (quota.amount < need) return false;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (quota.freeAt(performance.now()) >= need) {
        quota.hold(need);
        return true;
      }
      if (tries > 0 && quota.left <= 0) return false;
      await this.ask(quota, need);
    }
    return false;
  }

  /** Has the database grant what a call needs, together with all others that wait. */
  private async ask(quota: Quota, need: number): Promise<void> {
    if (performance.now() < this.unreachableUntil) throw new LimitsUnsureError();
    const pending = this.pending.get(quota) ?? this.begin(quota);
    pending.need += need;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new LimitsUnsureError('The database takes too long')),
        GRANT_MS,
      ).unref();
    });
    try {
      await Promise.race([pending.granted, late]);
    } catch (error) {
      if (performance.now() >= this.unreachableUntil)
        this.logger.error({ err: error }, 'The limits can’t be checked: the database can’t be asked');
      this.unreachableUntil = performance.now() + PAUSE_MS;
      throw new LimitsUnsureError('', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  private begin(quota: Quota): Pending {
    const pending = {
      need: 0,
      granted: this.inTurn(async () => {
        this.pending.delete(quota);
        await this.grants.grant(quota, pending.need);
      }),
    };
    pending.granted.catch(() => undefined); // those that wait are told
    this.pending.set(quota, pending);
    return pending;
  }

  private async renewAll(): Promise<void> {
    if (this.isRenewing) return;
    this.isRenewing = true;
    try {
      const unused = this.takeUnused(performance.now());
      if (unused.length > 0) await this.inTurn(() => this.grants.release(unused));
      await this.inTurn(async () => {
        const now = performance.now();
        const due = [...this.quotas.values()].filter((quota) => quota.isDue(now, MAX_AGE_MS));
        if (due.length > 0) await this.grants.renew(due);
      });
    } catch (error) {
      this.logger.warn({ err: error }, 'The limits could not be told to the other processes');
    } finally {
      this.isRenewing = false;
    }
    if (this.quotas.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Removes the quotas that nobody uses any more. Returns those that hold something in the database. */
  private takeUnused(now: number): Quota[] {
    const unused: Quota[] = [];
    for (const [name, quota] of this.quotas) {
      const isRate = quota.key.measure !== 'spend';
      const hasEnded = Date.now() >= quota.key.period.end;
      if (this.pending.has(quota) || !(isRate ? hasEnded : quota.isUnused(now, IDLE_MS, hasEnded))) continue;
      this.quotas.delete(name);
      if (!isRate) unused.push(quota);
    }
    return unused;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work, work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}
