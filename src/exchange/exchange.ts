import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import {
  AgentSession,
  Area,
  Attempt,
  AuthFailure,
  BodyDigests,
  Caller,
  ExchangeError,
  KeySource,
  Outcome,
} from './facts';
import { ChunkOwner, ChunkQueue, NO_CHUNK } from './chunk-queue';
import { outcomeOf } from './outcome';

/**
 * A synchronous observer of one exchange's bytes. It can't apply back-pressure and must not await; a tap that throws is dropped.
 * A response's small chunks come several at a time, joined, the last ones when the exchange ends. Bytes are valid during the call
 * alone: a tap that keeps them must copy them.
 */
export interface ByteTap {
  requestChunk?(chunk: Buffer): void;
  /** @param rawHeaders the upstream's headers as a flat list: name, value, name, value, ... */
  responseHead?(status: number, rawHeaders: readonly string[]): void;
  responseChunk?(chunk: Buffer): void;
  end(outcome: Outcome): void;
}

/** The events that an exchange emits to its observers. */
export interface ExchangeEvents {
  /**
   * Called when a request is about to be forwarded.
   * @returns the taps that receive its bytes.
   */
  forward(exchange: Exchange): readonly ByteTap[];
  /** Called once, when the exchange has ended and its outcome is known. */
  end(exchange: Exchange): void;
  /** Called when a tap has thrown and was dropped. */
  tapFailed(error: unknown): void;
}

/** The beginning of every exchange's id. */
const ID_PREFIX = 'req_tv_';

/** Tells whether a text looks like the id of an exchange. */
export function isExchangeId(text: string): boolean {
  return text.startsWith(ID_PREFIX);
}

/** The tap list of an exchange without taps: one shared array, which is never modified. */
export const NO_TAPS: readonly ByteTap[] = [];

/** The copies of all responses' small chunks, which wait for their taps. */
const CHUNKS = new ChunkQueue();

/**
 * One request and its response: its facts, and its single end. Each fact has one writer; the log line, the metrics and all
 * other observers read these facts. Times are values of `performance.now()`, in milliseconds.
 */
export class Exchange implements ChunkOwner {
  /**
   * The number of body bytes that the proxy has forwarded to the client. What each event of a stream touches lies side by side, first of
   * all: with a hundred streams it is gone from the processor's caches at the next one, and each further line of them counts.
   */
  responseBytes = 0;
  private taps = NO_TAPS;
  /** The queue's, as `lastChunk` is. */
  firstChunk = NO_CHUNK;
  lastChunk = NO_CHUNK;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly area: Area;
  /** The exchange's own id; also the request id in errors that the proxy itself returns. */
  readonly id = `${ID_PREFIX}${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  readonly startedAt = performance.now();
  /** The request's raw target, saved here because Express rewrites the request's `url` while it routes. */
  readonly target: string;
  /** The id of the provider that the request is, or was meant to be, for; set by the HTTP adapter. */
  providerId: string | undefined = undefined;
  /** The authenticated caller; set by the guards. */
  caller: Caller | undefined = undefined;
  /** The id of the proxy token in the request, even when authentication failed with it. */
  proxyTokenId: string | undefined = undefined;
  /** The masked form of the proxy token (its first and last digits), if it is one of this server's. */
  maskedProxyToken: string | undefined = undefined;
  /** The reason why authentication failed; set where the request is refused. */
  authFailure: AuthFailure | undefined = undefined;
  /** Whose key the request takes; set with the key. */
  keySource: KeySource | undefined = undefined;
  /** The id of the row of the key that the request takes. */
  keyId: string | undefined = undefined;
  /** The time when that key was stored, in the place of one before it or of none. */
  keyStoredAt: Date | undefined = undefined;
  /** The id of the organization that the request belongs to; undefined while it is unknown, or if there is none. */
  orgId: string | undefined = undefined;
  /** Whether a copy of what is said is kept; set with the key. */
  keepsContent = false;
  /** Whether secrets are taken out of that copy; set with the key. */
  redactsContent = false;
  /** The digests of both bodies, if their content is kept; set by the observer that copies them, when the exchange ends. */
  bodyDigests: BodyDigests | undefined = undefined;
  /**
   * Which run of an agent the request belongs to; set by the observer that finds it, when the request is forwarded. Where the
   * body says so it is known when the exchange has ended. Never rejected; undefined for a request that is not forwarded.
   */
  agentSession: AgentSession | Promise<AgentSession> | undefined = undefined;
  /** The time when caller and key were known and forwarding began; undefined if the server responds itself. */
  forwardedAt: number | undefined = undefined;
  /** The requests to the upstream, in order: a retry is another attempt. */
  readonly attempts: Attempt[] = [];
  /** The time when the upstream's response head was forwarded to the client. */
  responseHeadAt: number | undefined = undefined;
  /** The number of body bytes sent to the upstream. */
  requestBytes = 0;
  error: ExchangeError | undefined = undefined;
  endedAt: number | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  /** Called at the end of the exchange, to abort the upstream request if that is still running. */
  onAbort: (() => void) | undefined = undefined;
  /** Whether a limit counts what the request uses, which then has to be known even if the process is behind. */
  isCounted = false;
  /** Whether the exchange holds one of the slots for concurrent requests. */
  isAdmitted = false;
  /** The index of the exchange in the list of open ones. */
  place = -1;
  private readonly events: ExchangeEvents;

  constructor(request: IncomingMessage, response: ServerResponse, area: Area, events: ExchangeEvents) {
    this.request = request;
    this.response = response;
    this.area = area;
    this.events = events;
    this.target = request.url ?? '';
  }

  get hasEnded(): boolean {
    return this.endedAt !== undefined;
  }

  get lastAttempt(): Attempt | undefined {
    return this.attempts.at(-1);
  }

  /** Whether any upstream has got the request, or a part of it. */
  get hasReachedUpstream(): boolean {
    const { lastAttempt } = this;
    return lastAttempt !== undefined && lastAttempt.failure?.startsWith('connect_') !== true;
  }

  /** Records that forwarding begins, caller and key being known, and attaches the observers' taps, unless the client has left. */
  sendRequest(): void {
    if (this.hasEnded) return; // nothing would ever end the taps
    this.forwardedAt = performance.now();
    this.taps = this.events.forward(this);
  }

  requestChunk(chunk: Buffer): void {
    this.requestBytes += chunk.length;
    if (this.taps.length > 0) this.notifyTaps((tap) => tap.requestChunk?.(chunk));
  }

  /** Records that the upstream's response head is forwarded to the client. */
  sendHead(status: number, rawHeaders: readonly string[]): void {
    this.responseHeadAt = performance.now();
    if (this.taps.length > 0) this.notifyTaps((tap) => tap.responseHead?.(status, rawHeaders));
  }

  responseChunk(chunk: Buffer): void {
    this.responseBytes += chunk.length;
    if (this.taps !== NO_TAPS) CHUNKS.add(this, chunk);
  }

  /** Gives the taps bytes of the response. */
  takeBytes(bytes: Buffer): void {
    this.notifyTaps((tap) => tap.responseChunk?.(bytes));
  }

  /** Records why there is no complete response from the upstream. The first error wins: later ones are its consequences. */
  fail(error: ExchangeError): void {
    this.error ??= error;
    this.authFailure ??= error.authFailure;
  }

  /**
   * Closes the client's connection so that a truncated response can't look complete: over HTTP/1.1 the last chunk or part of
   * the declared length is missing; over HTTP/1.0, where a close marks the end of the body, the connection is reset.
   */
  abortResponse(): void {
    if (this.request.httpVersion === '1.0') this.response.socket?.resetAndDestroy();
    this.response.destroy();
  }

  /**
   * Aborts a response that has begun and can't be continued. To be called before the upstream request is destroyed: node:http
   * then discards the buffered rest of the upstream's response, and one that was fully buffered would seem to end normally.
   */
  failResponse(error: ExchangeError): void {
    this.fail(error);
    this.abortResponse();
  }

  /**
   * Ends the exchange: sets its outcome, aborts the upstream request, ends the taps and notifies the observers. Idempotent:
   * both the response's `close` event and that of its connection call it.
   */
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
    CHUNKS.giveOut(this);
    if (this.taps.length > 0) this.notifyTaps((tap) => tap.end(outcome));
    this.taps = NO_TAPS; // a tap gets nothing behind its end
    this.events.end(this);
  }

  private notifyTaps(tell: (tap: ByteTap) => void): void {
    for (const tap of this.taps) {
      try {
        tell(tap);
      } catch (error) {
        this.drop(tap, error);
      }
    }
  }

  private drop(tap: ByteTap, error: unknown): void {
    this.taps = this.taps.filter((other) => other !== tap);
    this.events.tapFailed(error);
  }
}
