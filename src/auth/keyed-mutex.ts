import { Injectable } from '@nestjs/common';

/**
 * Lets transactions that hold an owner's row, a person's or an organization's, come one after another. The row's lock does
 * so as well, and between replicas alone; but who waits for it there holds one of the pool's few connections, and one
 * person who creates a hundred things at once would keep everybody else from the database.
 */
@Injectable()
export class KeyedMutex {
  /** The work of each owner that came last; those before it are over when it begins. */
  private readonly last = new Map<string, Promise<unknown>>();

  async take<T>(ownerId: string, work: () => Promise<T>): Promise<T> {
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
