import { Injectable } from '@nestjs/common';
import { ServerResponse } from 'node:http';

/** Knows whether the server is on its way out, and when the last open request has ended. */
@Injectable()
export class DrainService {
  private draining = false;
  private open = 0;
  private onIdle?: () => void;

  get isDraining(): boolean {
    return this.draining;
  }

  /** Counts a request as open until its response is closed, however that comes about. */
  track(response: ServerResponse): void {
    this.open++;
    response.once('close', () => {
      this.open--;
      if (this.open === 0) this.onIdle?.();
    });
  }

  /**
   * From now on the server is not ready and takes no new proxy requests.
   * @returns how many requests were still open at the deadline; 0 when all have ended.
   */
  async drain(deadlineMs: number): Promise<number> {
    this.draining = true;
    if (this.open === 0) return 0;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.open;
  }
}
