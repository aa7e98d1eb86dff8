import { ClientRequest } from 'node:http';
import { Exchange } from '../exchange/exchange';
import { BodyHead } from './body-head';
import { ProxyError } from './proxy-error';

/**
 * Streams the body of a client's request to the upstream, with back-pressure. None of it is read before sendTo(), so that
 * nothing of the body is lost to an upstream that can't be reached.
 */
export class Upload {
  private target?: ClientRequest;
  private holds = 0;

  /** @param maxBytes the maximum size of the body in bytes. A declared length was checked before; this counts the actual bytes. */
  constructor(
    private readonly exchange: Exchange,
    private readonly maxBytes: number,
    /** The first bytes, if they have been read before. */
    private readonly head?: BodyHead,
  ) {}

  /**
   * Starts streaming the body. A body that exceeds maxBytes destroys the target with ProxyError `body_too_large`.
   * @param target a connected request to the upstream; if it fails, the upload ends.
   */
  sendTo(target: ClientRequest): void {
    const { request } = this.exchange;
    this.target = target;
    if (this.head !== undefined) this.onData(this.head.bytes);
    if (this.head?.isWhole === true) {
      this.onEnd();
      return;
    }
    request.on('data', this.onData);
    request.on('end', this.onEnd);
    target.on('drain', this.resume);
    if (this.holds > 0) request.pause();
    else if (this.head !== undefined) this.resume(); // it was paused behind its head
  }

  /** Stops streaming and pauses the client's request; the rest of the body is left to the caller. */
  stop(): void {
    if (this.target === undefined) return;
    const { request } = this.exchange;
    request.off('data', this.onData);
    request.off('end', this.onEnd);
    this.target.off('drain', this.resume);
    this.target = undefined;
    request.pause();
  }

  /** Pauses the upload until release() has been called as many times as hold(). */
  hold(): void {
    this.holds += 1;
    if (this.target !== undefined) this.exchange.request.pause();
  }

  release(): void {
    this.holds -= 1;
    this.resume();
  }

  private readonly onData = (chunk: Buffer): void => {
    const { exchange, target } = this;
    if (target === undefined || target.destroyed) return;
    exchange.requestChunk(chunk);
    if (exchange.requestBytes > this.maxBytes) {
      const error = new ProxyError('body_too_large');
      this.stop();
      if (exchange.response.headersSent) exchange.failResponse(error);
      target.destroy(error);
    } else if (!target.write(chunk)) exchange.request.pause();
  };

  private readonly onEnd = (): void => {
    this.target?.end();
  };

  private readonly resume = (): void => {
    if (this.holds > 0 || this.target === undefined || this.target.writableNeedDrain) return;
    this.exchange.request.resume();
  };
}
