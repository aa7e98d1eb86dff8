import { Injectable, OnModuleDestroy } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessChanges } from '../auth/access-changes';
import { Exchange } from '../exchange/exchange';
import { CallerAuthentication } from './caller-authentication';
import { ProxyError } from './proxy-error';

/** For tokens that expire, and for changes of which nothing is heard. */
const CHECK_EVERY_MS = 500;
/** The place of one that is no longer watched. */
const GONE = -1;

/** One request on its way up, as far as holding and ending it goes. */
interface HeldUpload {
  /** Nothing more goes up until release(). */
  hold(): void;
  release(): void;
  /** Ends it for good, with what its client is told. */
  refuse(error: ProxyError): void;
}

interface OpenUpload {
  readonly exchange: Exchange;
  readonly upload: HeldUpload;
  /** Whether a look at its token is under way; a database that is away answers late. */
  isLookedAt: boolean;
  /** In the list of those that are open. */
  place: number;
}

/**
 * Requests whose body is not complete. They end when their caller's access does: what is sent after that would get an
 * answer that somebody pays for. A request that is whole is being answered, and runs on. While nobody can say whether access
 * has ended, because neither changes nor the database can be heard, nothing goes up.
 */
@Injectable()
export class OpenUploads implements OnModuleDestroy {
  /** An array and not a Set, for the reason that Exchanges gives: most requests are here for a moment. */
  private readonly open: OpenUpload[] = [];
  /** Always on: most requests are watched for a moment, and to begin and end a timer for each would cost more. */
  private readonly checking: NodeJS.Timeout;

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly changes: AccessChanges,
  ) {
    changes.listen((userId) => {
      for (const one of this.open)
        if (userId === undefined || one.exchange.caller?.userId === userId) void this.verify(one);
    });
    this.checking = setInterval(() => {
      for (const one of this.open) this.checkAgain(one);
    }, CHECK_EVERY_MS).unref();
  }

  /** Watches a request whose caller is known. @returns what ends the watch. */
  add(exchange: Exchange, upload: HeldUpload): () => void {
    const one = { exchange, upload, isLookedAt: false, place: this.open.length };
    this.open.push(one);
    if (this.changes.hasChangedSince(exchange.startedAt)) void this.verify(one); // it may have come after the guard's look
    return () => this.remove(one);
  }

  onModuleDestroy(): void {
    clearInterval(this.checking);
  }

  /** The last one takes its place. */
  private remove(one: OpenUpload): void {
    if (one.place === GONE) return;
    const last = this.open.pop();
    if (last !== undefined && last !== one) {
      this.open[one.place] = last;
      last.place = one.place;
    }
    one.place = GONE;
  }

  private checkAgain(one: OpenUpload): void {
    if (one.exchange.request.complete || one.isLookedAt) return;
    void (this.changes.isUpToDate ? this.check(one) : this.verify(one));
  }

  /**
   * Nothing goes up while the question is open, or the rest of the body would be through before the answer is there. It is
   * asked until it is answered.
   */
  private async verify(one: OpenUpload): Promise<void> {
    if (one.exchange.request.complete) return;
    one.upload.hold();
    while (!(await this.check(one)) && one.place !== GONE)
      await sleep(CHECK_EVERY_MS, undefined, { ref: false });
    one.upload.release();
  }

  /** @returns whether it is known now; a caller without access is refused then. */
  private async check(one: OpenUpload): Promise<boolean> {
    one.isLookedAt = true;
    try {
      await this.callers.authenticate(one.exchange);
    } catch (error) {
      if (!(error instanceof ProxyError) || error.authFailure === undefined) return false;
      if (one.place !== GONE) one.upload.refuse(error);
    } finally {
      one.isLookedAt = false;
    }
    return true;
  }
}
