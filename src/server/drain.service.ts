import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver, Exchanges } from '../exchange/exchanges';
import { SilentBodies } from './silent-bodies';

const SILENT_BODY_MS = 5_000;

/** Tracks whether the server is draining, and waits until the last open request has ended. */
@Injectable()
export class DrainService implements ExchangeObserver {
  private draining = false;
  private onIdle?: () => void;

  constructor(private readonly exchanges: Exchanges) {}

  get isDraining(): boolean {
    return this.draining;
  }

  onEnd(): void {
    if (this.onIdle !== undefined && this.exchanges.openCount === 0) this.onIdle();
  }

  /**
   * Starts draining: the server is no longer ready and accepts no new proxy requests. Requests whose body has stopped arriving
   * are closed rather than waited for; their clients can retry elsewhere.
   * @param deadlineMs how long open requests may continue, in milliseconds.
   * @param silentBodyMs how long an incomplete body may be silent, in milliseconds.
   * @returns the exchanges that are still open at the deadline; an empty list when all have ended.
   */
  async drain(deadlineMs: number, silentBodyMs = SILENT_BODY_MS): Promise<Exchange[]> {
    this.draining = true;
    if (this.exchanges.openCount === 0) return [];
    const silent = new SilentBodies(silentBodyMs);
    const looking = setInterval(() => {
      silent.end(this.exchanges.list());
    }, silentBodyMs / 4);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    clearInterval(looking);
    return this.exchanges.list();
  }
}
