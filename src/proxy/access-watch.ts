import { Injectable, OnModuleDestroy } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessChanges } from '../auth/access-changes';
import { Exchange } from '../exchange/exchange';
import { isSwitching } from '../exchange/upgrade';
import { CallerAuthentication } from './caller-authentication';
import { KeyOfCall } from './key-of-call';
import { ProxyError } from './proxy-error';

/** The interval between checks of access, in milliseconds: for tokens that expire, and for changes that are not announced. */
const CHECK_EVERY_MS = 500;
/** The `place` of a request that is no longer watched. */
const GONE = -1;

/** What a client is still sending: an upload, or the client's direction of a WebSocket. */
export interface Sending {
  /** Pauses it until release(). */
  hold(): void;
  release(): void;
  /** Ends it permanently; its client gets this error. */
  refuse(error: ProxyError): void;
}

interface Watched {
  readonly exchange: Exchange;
  readonly sending: Sending;
  /** Whether a check of its access is in flight; an unavailable database answers late. */
  isLookedAt: boolean;
  /** The index in the list of watched requests, or GONE. */
  place: number;
}

/**
 * Watches the requests whose client is still sending, and refuses them when their caller's access is revoked or expires: what
 * is sent after that would get a response that the user is billed for. A complete request is being answered and continues; a
 * WebSocket is never complete, and ends with its key as well. While it is unknown whether access is still valid (no change
 * feed, no database), what is sent waits.
 */
@Injectable()
export class AccessWatch implements OnModuleDestroy {
  /** The watched requests, in an array rather than a Set for the reason given in Exchanges: most entries live for a moment. */
  private readonly watched: Watched[] = [];
  /** A timer that always runs: most uploads are watched for a moment, and a timer per upload would cost more. */
  private readonly checking: NodeJS.Timeout;

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly keys: KeyOfCall,
    private readonly changes: AccessChanges,
  ) {
    changes.listen((owner) => {
      for (const one of this.watched) if (owner === undefined || isOf(one, owner)) void this.verify(one);
    });
    this.checking = setInterval(() => {
      for (const one of this.watched) this.checkAgain(one);
    }, CHECK_EVERY_MS).unref();
  }

  /** Watches a request whose caller is known. @returns a function that ends the watch. */
  add(exchange: Exchange, sending: Sending): () => void {
    const one = { exchange, sending, isLookedAt: false, place: this.watched.length };
    this.watched.push(one);
    if (this.changes.hasChangedSince(exchange.startedAt)) void this.verify(one); // the change may have come after the guard's check
    return () => this.remove(one);
  }

  onModuleDestroy(): void {
    clearInterval(this.checking);
  }

  /** Removes a request in constant time: the last one in the array takes its place. */
  private remove(one: Watched): void {
    if (one.place === GONE) return;
    const last = this.watched.pop();
    if (last !== undefined && last !== one) {
      this.watched[one.place] = last;
      last.place = one.place;
    }
    one.place = GONE;
  }

  private checkAgain(one: Watched): void {
    if (isComplete(one) || one.isLookedAt) return;
    void (this.changes.isUpToDate ? this.check(one) : this.verify(one));
  }

  /**
   * Holds what is sent until its caller's access is known, retrying every CHECK_EVERY_MS; otherwise the rest of it could be
   * sent before the check completes.
   */
  private async verify(one: Watched): Promise<void> {
    if (isComplete(one)) return;
    one.sending.hold();
    while (!(await this.check(one)) && one.place !== GONE)
      await sleep(CHECK_EVERY_MS, undefined, { ref: false });
    one.sending.release();
  }

  /**
   * Checks the caller's access, and refuses the request of a caller that has none.
   * @returns whether the check was conclusive; false when the database was unavailable.
   */
  private async check(one: Watched): Promise<boolean> {
    const { exchange, sending } = one;
    one.isLookedAt = true;
    try {
      await this.callers.authenticate(exchange);
      if (isSwitching(exchange.request)) await this.keys.assertUnchanged(exchange);
    } catch (error) {
      if (!(error instanceof ProxyError) || error.authFailure === undefined) return false;
      if (one.place !== GONE) sending.refuse(error);
    } finally {
      one.isLookedAt = false;
    }
    return true;
  }
}

/** Tells whether a change to what a user or an organization may do can concern a request. */
function isOf({ exchange: { caller, orgId } }: Watched, owner: string): boolean {
  return caller?.userId === owner || orgId === owner;
}

function isComplete({ exchange: { request } }: Watched): boolean {
  return request.complete && !isSwitching(request);
}
