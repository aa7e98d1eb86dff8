import { ServerResponse } from 'node:http';

interface Seen {
  readonly bytes: number;
  /** From performance.now(). */
  readonly at: number;
}

/** Finds requests of whose body nothing arrives any more, by looking at them again and again, and ends them. */
export class SilentBodies {
  private readonly seen = new WeakMap<ServerResponse, Seen>();

  /** @param ms how long nothing may arrive, in milliseconds. */
  constructor(private readonly ms: number) {}

  /**
   * Closes the connections of those that have been silent for too long. One that is being answered is left alone, and so
   * is one whose body is not being read, because then the upstream is slow and not the client.
   */
  end(open: readonly ServerResponse[]): void {
    const now = performance.now();
    for (const response of open) {
      const { req: request } = response;
      if (request.complete || response.headersSent) continue;
      const bytes = request.socket.bytesRead;
      const before = this.seen.get(response);
      if (before?.bytes !== bytes || request.isPaused()) this.seen.set(response, { bytes, at: now });
      else if (now - before.at >= this.ms) request.socket.destroy();
    }
  }
}
