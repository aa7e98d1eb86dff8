import { ClientRequest } from 'node:http';
import { Exchange } from '../exchange/exchange';
import { ProxyError } from './proxy-error';

/**
 * The body of a client's request on its way to the upstream, at the pace of the slower side. None of it is read before
 * somebody takes it, so that an upstream that can't be reached has eaten none.
 */
export class Upload {
  private target?: ClientRequest;
  private holds = 0;

  /** @param maxBytes how large the body may be. A declared length was held against it; this counts what comes. */
  constructor(
    private readonly exchange: Exchange,
    private readonly maxBytes: number,
  ) {}

  /** @param target a request to the upstream that is connected; one that fails ends the upload. */
  sendTo(target: ClientRequest): void {
    const { request } = this.exchange;
    this.target = target;
    request.on('data', this.onData);
    request.on('end', this.onEnd);
    target.on('drain', this.resume);
    if (this.holds > 0) request.pause();
  }

  /** Reads no more for the upstream; what is still to come is anybody's. */
  stop(): void {
    if (this.target === undefined) return;
    const { request } = this.exchange;
    request.off('data', this.onData);
    request.off('end', this.onEnd);
    this.target.off('drain', this.resume);
    this.target = undefined;
    request.pause();
  }

  /** Nothing more goes up until release() has been called as often. */
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
