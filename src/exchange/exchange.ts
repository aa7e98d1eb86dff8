import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Area, Attempt, AuthFailure, Caller, ExchangeError, Outcome } from './facts';
import { outcomeOf } from './outcome';

/**
 * Gets a copy of one exchange's bytes while they pass. Nothing that it does can hold them up but time: it may not await,
 * and one that throws is dropped. A chunk that it keeps has to be copied.
 */
export interface ByteTap {
  requestChunk?(chunk: Buffer): void;
  /** @param rawHeaders the upstream's: name, value, name, value, ... */
  responseHead?(status: number, rawHeaders: readonly string[]): void;
  responseChunk?(chunk: Buffer): void;
  end(outcome: Outcome): void;
}

/** What an exchange tells of itself, to those who observe it. */
export interface ExchangeEvents {
  /** Called when a request is about to be forwarded. @returns the taps that want its bytes. */
  forward(exchange: Exchange): readonly ByteTap[];
  /** Called once, when everything is known. */
  end(exchange: Exchange): void;
  /** Called when a tap has thrown, and has been dropped. */
  tapFailed(error: unknown): void;
}

/** What an exchange has that nobody wants the bytes of; never added to. */
export const NO_TAPS: readonly ByteTap[] = [];

/**
 * One request and its response: what is known of it, and its one end. Each fact has one writer; the log line, the metrics
 * and everything else that observes are made of these. Times are from `performance.now()`, in milliseconds.
 */
export class Exchange {
  /** Ours; also the request id in the proxy's own errors. */
  readonly id = `req_tv_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  readonly startedAt = performance.now();
  /** The request's raw target; Express rewrites the request's own `url` while it routes. */
  readonly target: string;
  /** Which provider the request is for, or was meant for; set by the HTTP adapter. */
  providerId: string | undefined = undefined;
  /** Set by the guards. */
  caller: Caller | undefined = undefined;
  /** The proxy token that came with the request, also when it let nobody in. */
  proxyTokenId: string | undefined = undefined;
  /** Its first and last digits, where it is a token of ours. */
  maskedProxyToken: string | undefined = undefined;
  /** Set where somebody is not let in. */
  authFailure: AuthFailure | undefined = undefined;
  /** When caller and key were known, and the request went on its way; undefined for one that is answered here. */
  forwardedAt: number | undefined = undefined;
  /** The requests to the upstream, the latest last. */
  readonly attempts: Attempt[] = [];
  /** When the upstream's head was passed on. */
  responseHeadAt: number | undefined = undefined;
  /** The part of the body that was sent to the upstream, in bytes. */
  requestBytes = 0;
  /** Of the response's body, as far as the proxy has sent it. */
  responseBytes = 0;
  error: ExchangeError | undefined = undefined;
  endedAt: number | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  /** Called at the end, to end the upstream request with it unless that is through. */
  onAbort: (() => void) | undefined = undefined;
  /** Whether a place among the concurrent requests is held for it. */
  isAdmitted = false;
  /** Its place among the open ones. */
  place = -1;
  private taps = NO_TAPS;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly area: Area,
    private readonly events: ExchangeEvents,
  ) {
    this.target = request.url ?? '';
  }

  get hasEnded(): boolean {
    return this.endedAt !== undefined;
  }

  get lastAttempt(): Attempt | undefined {
    return this.attempts.at(-1);
  }

  /** Caller and key are known: whoever wants a copy of the bytes gets one from here on. */
  sendRequest(): void {
    this.forwardedAt = performance.now();
    this.taps = this.events.forward(this);
  }

  requestChunk(chunk: Buffer): void {
    this.requestBytes += chunk.length;
    if (this.taps.length > 0) this.tellTaps((tap) => tap.requestChunk?.(chunk));
  }

  /** The upstream's head is passed on. */
  sendHead(status: number, rawHeaders: readonly string[]): void {
    this.responseHeadAt = performance.now();
    if (this.taps.length > 0) this.tellTaps((tap) => tap.responseHead?.(status, rawHeaders));
  }

  responseChunk(chunk: Buffer): void {
    this.responseBytes += chunk.length;
    if (this.taps.length > 0) this.tellTaps((tap) => tap.responseChunk?.(chunk));
  }

  /** Notes why there is no whole response from the upstream. The first reason counts: later ones follow from it. */
  fail(error: ExchangeError): void {
    this.error ??= error;
    this.authFailure ??= error.authFailure;
  }

  /**
   * Ends the client's connection so that a truncated response can't look complete: without the last chunk or the announced
   * length over HTTP/1.1, by a reset over HTTP/1.0, where a close is how a body ends.
   */
  abortResponse(): void {
    if (this.request.httpVersion === '1.0') this.response.socket?.resetAndDestroy();
    this.response.destroy();
  }

  /**
   * Ends a response that has begun and can't go on. Before the upstream request is ended, and not by it: node:http throws
   * away what is in of the upstream's response, and one that was in as a whole would then seem to have ended well.
   */
  failResponse(error: ExchangeError): void {
    this.fail(error);
    this.abortResponse();
  }

  /** The one end, whoever notices it first: the response has closed, or the connection that it waits on. */
  end(): void {
    if (this.hasEnded) return;
    this.endedAt = performance.now();
    const { error, response, responseHeadAt } = this;
    const outcome = outcomeOf({
      error,
      isSent: response.writableFinished,
      isForwarded: responseHeadAt !== undefined,
      status: response.statusCode,
    });
    this.outcome = outcome;
    this.onAbort?.();
    if (this.taps.length > 0) this.tellTaps((tap) => tap.end(outcome));
    this.events.end(this);
  }

  private tellTaps(tell: (tap: ByteTap) => void): void {
    for (const tap of this.taps) {
      try {
        tell(tap);
      } catch (error) {
        this.taps = this.taps.filter((other) => other !== tap);
        this.events.tapFailed(error);
      }
    }
  }
}
