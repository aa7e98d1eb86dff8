import { Socket } from 'node:net';
import { stopReadingAhead } from '../exchange/early-bytes';
import { Exchange } from '../exchange/exchange';
import { Route } from '../providers/route';
import { Sending } from './access-watch';
import { ProxyError } from './proxy-error';
import { closeFrame, FrameTracker } from './web-socket-frames';

/** The idle time before the first TCP keep-alive probe to the upstream, in milliseconds: an idle WebSocket has no limit. */
const KEEP_ALIVE_MS = 60_000;
/** How long the client of a refused WebSocket may take to read why and to leave, in milliseconds. */
const LEAVE_WITHIN_MS = 5_000;
/** The close code for an endpoint that violates a policy (RFC 6455 7.4.1). */
const POLICY_VIOLATION = 1008;

/**
 * Passes the bytes of a WebSocket both ways, as they are and at the pace of the slower side, until both have ended. The end of
 * one side is passed on and leaves the other one open; where one breaks off, so does the other.
 */
export class WebSocketRelay implements Sending {
  private readonly client: Socket;
  /** What has been passed to the client. */
  private readonly frames = new FrameTracker();
  private holds = 0;
  private isRefused = false;

  /** @param upstream a socket that the upstream has switched, with the bytes on it that came with its head. */
  constructor(
    private readonly exchange: Exchange,
    private readonly route: Route,
    private readonly upstream: Socket,
  ) {
    this.client = exchange.request.socket;
  }

  start(): void {
    const { client, upstream, exchange } = this;
    upstream.setTimeout(0); // the agent's, for idle connections
    upstream.setNoDelay(true);
    upstream.setKeepAlive(true, KEEP_ALIVE_MS);
    upstream.allowHalfOpen = true;
    upstream.once('close', () => {
      if (this.isRefused) return;
      if (upstream.readableEnded) client.destroySoon();
      else if (!exchange.hasEnded) exchange.failResponse({ outcome: 'upstream_failed' });
    });
    // Before the listener of the response, which ends the exchange: the switch was sent, but not all that followed it.
    client.prependOnceListener('close', () => {
      if (!client.writableFinished) exchange.fail({ outcome: 'client_aborted' });
    });
    stopReadingAhead(client);
    pass(client, upstream, (chunk) => exchange.requestChunk(chunk));
    pass(upstream, client, (chunk) => {
      exchange.responseChunk(chunk);
      this.frames.pass(chunk);
    });
    upstream.on('drain', this.resume);
    this.resume();
    client.on('drain', () => upstream.resume());
  }

  abort(): void {
    this.upstream.destroy();
  }

  /** Pauses what the client sends until release() has been called as many times as hold(). */
  hold(): void {
    this.holds += 1;
    this.client.pause();
  }

  release(): void {
    this.holds -= 1;
    this.resume();
  }

  /**
   * Ends both sides at once. The client is told why in a Close frame; where that would stand in the middle of another frame, its
   * connection is broken off instead.
   */
  refuse(error: ProxyError): void {
    const { client, exchange, route } = this;
    if (this.isRefused || exchange.hasEnded) return;
    this.isRefused = true;
    exchange.fail(error);
    this.upstream.destroy();
    if (client.writableEnded || !this.frames.canInsert) {
      exchange.abortResponse();
      return;
    }
    client.end(closeFrame(POLICY_VIOLATION, error.firstSentence(route)));
    client.resume(); // closed with bytes unread, the connection would be reset and the frame lost
    const timer = setTimeout(() => client.destroy(), LEAVE_WITHIN_MS).unref();
    client.once('close', () => clearTimeout(timer));
  }

  private readonly resume = (): void => {
    if (this.holds === 0 && !this.upstream.writableNeedDrain) this.client.resume();
  };
}

function pass(from: Socket, to: Socket, seen: (chunk: Buffer) => void): void {
  from.on('data', (chunk: Buffer) => {
    if (to.destroyed) return;
    seen(chunk);
    if (!to.write(chunk)) from.pause();
  });
  from.once('end', () => {
    if (!to.destroyed) to.end();
  });
}
