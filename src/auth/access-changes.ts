import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { AuthCaches } from '../cache/auth-caches';

/** Notifies listeners when a user's access may have changed: at once, and on other replicas within a second. */
@Injectable()
export class AccessChanges {
  private latestAt = -Infinity;

  constructor(private readonly caches: AuthCaches) {
    caches.onChange(() => (this.latestAt = performance.now()));
  }

  /**
   * Calls `listener` after each change, before the caller that made the change gets its response.
   * @param listener receives the id of the affected user, or undefined when any user may be affected.
   */
  listen(listener: (userId: string | undefined) => void): void {
    this.caches.onChange(listener);
  }

  /** Announces a change of a user's memberships, or of what an organization grants, which has been committed. */
  announce(owner: string): void {
    this.caches.invalidate(owner);
  }

  /** Announces such a change when the caller's transaction commits. */
  announceOnCommit(transaction: EntityManager, owner: string): void {
    this.caches.invalidateOnCommit(transaction, owner);
  }

  /** Whether all changes that other replicas made a second ago or earlier have been received. */
  get isUpToDate(): boolean {
    return this.caches.hasInvalidationFeed;
  }

  /**
   * Returns whether anything has changed since a time.
   * @param time a time on the clock of performance.now().
   */
  hasChangedSince(time: number): boolean {
    return this.latestAt >= time;
  }
}
