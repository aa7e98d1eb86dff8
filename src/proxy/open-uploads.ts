import { Injectable, OnModuleDestroy } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessChanges } from '../auth/access-changes';
import { Exchange } from '../exchange/exchange';
import { CallerAuthentication } from './caller-authentication';
import { ProxyError } from './proxy-error';

/** The interval between checks of access, in milliseconds: for tokens that expire, and for changes that are not announced. */
const CHECK_EVERY_MS = 500;
/** The `place` of an upload that is no longer watched. */
const GONE = -1;

/** The part of an upload's interface that holds it and refuses it. */
interface HeldUpload {
  /** Pauses the upload until release(). */
  hold(): void;
  release(): void;
  /** Ends the upload permanently; its client gets this error. */
  refuse(error: ProxyError): void;
}

interface OpenUpload {
  readonly exchange: Exchange;
  readonly upload: HeldUpload;
  /** Whether a check of its token is in flight; an unavailable database answers late. */
  isLookedAt: boolean;
  /** The upload's index in the list of open uploads, or GONE. */
  place: number;
}

/**
 * Watches the requests whose body is not complete, and refuses them when their caller's access is revoked or expires: what
 * is sent after that would get a response that the user is billed for. A complete request is being answered and continues. While
 * it is unknown whether access is still valid (no change feed, no database), uploads are paused.
 */
@Injectable()
export class OpenUploads implements OnModuleDestroy {
  /** The open uploads, in an array rather than a Set for the reason given in Exchanges: most entries live for a moment. */
  private readonly open: OpenUpload[] = [];
  /** A timer that always runs: most uploads are watched for a moment, and a timer per upload would cost more. */
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

  /** Watches a request whose caller is known. @returns a function that ends the watch. */
  add(exchange: Exchange, upload: HeldUpload): () => void {
    const one = { exchange, upload, isLookedAt: false, place: this.open.length };
    this.open.push(one);
    if (this.changes.hasChangedSince(exchange.startedAt)) void this.verify(one); // the change may have come after the guard's check
    return () => this.remove(one);
  }

  onModuleDestroy(): void {
    clearInterval(this.checking);
  }

  /** Removes an upload in constant time: the last one in the array takes its place. */
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
   * Pauses the upload until its caller's access is known, retrying every CHECK_EVERY_MS; otherwise the rest of the body could
   * be sent before the check completes.
   */
  private async verify(one: OpenUpload): Promise<void> {
    if (one.exchange.request.complete) return;
    one.upload.hold();
    while (!(await this.check(one)) && one.place !== GONE)
      await sleep(CHECK_EVERY_MS, undefined, { ref: false });
    one.upload.release();
  }

  /**
   * Checks the caller's access, and refuses the upload of a caller that has none.
   * @returns whether the check was conclusive; false when the database was unavailable.
   */
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
