import { Injectable } from '@nestjs/common';

/**
 * Serializes the transactions in this process that lock the row of the same owner, a user or an organization. The row lock
 * does so too, and is the only lock between replicas. But a transaction that waits for a row lock holds one of the pool's
 * few connections, so one user who creates a hundred things at once would block everybody else's queries.
 */
@Injectable()
export class KeyedMutex {
  /** The last queued task of each owner, which starts when all earlier ones have completed. */
  private readonly last = new Map<string, Promise<unknown>>();

  async run<T>(ownerId: string, work: () => Promise<T>): Promise<T> {
    const earlier = this.last.get(ownerId) ?? Promise.resolve();
    const own = earlier.then(work, work);
    this.last.set(ownerId, own);
    try {
      return await own;
    } finally {
      if (this.last.get(ownerId) === own) this.last.delete(ownerId);
    }
  }
}
