import { Exchange } from '../exchange/exchange';

interface Seen {
  readonly bytes: number;
  /** The time of the last change, from performance.now(). */
  readonly at: number;
}

/** Finds requests whose body has stopped arriving, by polling their connections, and closes them. */
export class SilentBodies {
  private readonly seen = new WeakMap<Exchange, Seen>();

  /** @param ms the maximum time without a byte of the body, in milliseconds. */
  constructor(private readonly ms: number) {}

  /**
   * Closes the connections of requests that have been silent for too long. Requests whose response has begun are left alone,
   * and so are requests whose body is not being read, because then the upstream is slow and not the client.
   */
  end(open: readonly Exchange[]): void {
    const now = performance.now();
    for (const exchange of open) {
      const { request, response } = exchange;
      if (request.complete || response.headersSent) continue;
      const bytes = request.socket.bytesRead;
      const before = this.seen.get(exchange);
      const isRead = request.readableFlowing === true;
      if (before?.bytes !== bytes || !isRead) this.seen.set(exchange, { bytes, at: now });
      else if (now - before.at >= this.ms) request.socket.destroy();
    }
  }
}
