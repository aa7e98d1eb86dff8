import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver, Exchanges } from '../exchange/exchanges';
import { SilentBodies } from './silent-bodies';

const SILENT_BODY_MS = 5_000;

/** Knows whether the server is on its way out, and when the last open request has ended. */
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
   * From now on the server is not ready and takes no new proxy requests. A request whose body does not come is not waited
   * for: its client sends it again elsewhere.
   * @param deadlineMs how long open requests may run on, in milliseconds.
   * @param silentBodyMs how long nothing of an unfinished body may arrive, in milliseconds.
   * @returns what is still open at the deadline; nothing when all have ended.
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
