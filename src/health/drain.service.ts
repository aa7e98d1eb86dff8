import { Injectable } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { OpenResponses } from './open-responses';

/** Knows whether the server is on its way out, and when the last open request has ended. */
@Injectable()
export class DrainService {
  private draining = false;
  private readonly open = new OpenResponses();
  private onIdle?: () => void;

  get isDraining(): boolean {
    return this.draining;
  }

  /** Counts a request as open until its response is closed, however that comes about. */
  track(response: ServerResponse): void {
    this.open.add(response);
    response.once('close', () => {
      this.open.delete(response);
      if (this.open.count === 0) this.onIdle?.();
    });
  }

  /**
   * From now on the server is not ready and takes no new proxy requests.
   * @returns what is still open at the deadline; nothing when all have ended.
   */
  async drain(deadlineMs: number): Promise<ServerResponse[]> {
    this.draining = true;
    if (this.open.count === 0) return [];
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.open.list();
  }
}
