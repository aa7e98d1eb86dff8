import { Injectable } from '@nestjs/common';
import { AuthCaches } from '../cache/auth-caches';

/** Tells at once, and for other replicas within a second, that what somebody may do might have changed. */
@Injectable()
export class AccessChanges {
  private latestAt = -Infinity;

  constructor(private readonly caches: AuthCaches) {
    caches.onChange(() => (this.latestAt = performance.now()));
  }

  /**
   * Calls `listener` before whoever made the change is told that it is made.
   * @param listener gets the id of the user concerned; undefined when it may be anybody.
   */
  listen(listener: (userId: string | undefined) => void): void {
    this.caches.onChange(listener);
  }

  /** Whether a change that was made on another replica a second ago has been heard of. */
  get arriveInTime(): boolean {
    return this.caches.hasInvalidationFeed;
  }

  /** Returns whether anything has changed since then. @param time from performance.now(). */
  since(time: number): boolean {
    return this.latestAt >= time;
  }
}
