import { Exchange } from '../exchange/exchange';

interface Seen {
  readonly bytes: number;
  /** From performance.now(). */
  readonly at: number;
}

/** Finds requests of whose body nothing arrives any more, by looking at them again and again, and ends them. */
export class SilentBodies {
  private readonly seen = new WeakMap<Exchange, Seen>();

  /** @param ms how long nothing may arrive, in milliseconds. */
  constructor(private readonly ms: number) {}

  /**
   * Closes the connections of those that have been silent for too long. One that is being answered is left alone, and so
   * is one whose body is not being read, because then the upstream is slow and not the client.
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
