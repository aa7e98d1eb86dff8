import { LRUCache } from 'lru-cache';

interface LookupCacheOptions {
  /** Of what was found, and, apart from it, of what was not: whoever guesses pushes nothing out that is in use. */
  readonly most: { readonly found: number; readonly absent: number };
  /** How long it is kept when nothing tells of a change; a lid, for changes that nothing tells of. */
  readonly ms: { readonly found: number; readonly absent: number };
}

/** Whether a change that was made elsewhere a second ago has been heard of. */
export interface Hearing {
  readonly isSure: boolean;
  /** Tries to become sure, in a moment. @returns whether it is. */
  makeSure(): Promise<boolean>;
}

/** Everything that is found is some person's, and is forgotten when something of theirs changes. */
export interface OfUser {
  readonly userId: string;
}

/** How often which way was taken, since the start. */
export interface LookupCounts {
  hit: number;
  miss: number;
  /** The database was asked, because a change on another replica might not have been heard of. */
  bypass: number;
}

/**
 * What lookups in the database came to. Nothing is kept of a lookup during which something changed, and nobody joins a
 * lookup that began before the change: whoever asks after a change gets an answer from after it.
 */
export class LookupCache<Found extends OfUser> {
  readonly counts: LookupCounts = { hit: 0, miss: 0, bypass: 0 };
  private readonly found: LRUCache<string, Found>;
  private readonly absent: LRUCache<string, true>;
  /** Lookups that others may join: a stampede asks the database once. */
  private readonly underWay = new Map<string, Promise<Found | undefined>>();
  private changes = 0;

  constructor(
    private readonly hearing: () => Hearing,
    { most, ms }: LookupCacheOptions,
  ) {
    this.found = new LRUCache({ max: most.found, ttl: ms.found });
    this.absent = new LRUCache({ max: most.absent, ttl: ms.absent });
  }

  /** How many are kept, found and absent. */
  get size(): number {
    return this.found.size + this.absent.size;
  }

  /** @param key no secret: the hash of one, or an id. */
  async get(key: string, lookUp: () => Promise<Found | undefined>): Promise<Found | undefined> {
    const hearing = this.hearing();
    if (!hearing.isSure && !(await hearing.makeSure())) {
      this.counts.bypass += 1;
      return lookUp();
    }
    const found = this.found.get(key);
    if (found !== undefined || this.absent.get(key) !== undefined) {
      this.counts.hit += 1;
      return found;
    }
    this.counts.miss += 1;
    return this.underWay.get(key) ?? this.begin(key, lookUp);
  }

  /** Something of this person's has changed. */
  forget(userId: string): void {
    this.beginAnew();
    for (const [key, found] of this.found.entries()) {
      if (found.userId === userId) this.found.delete(key);
    }
  }

  forgetAll(): void {
    this.beginAnew();
    this.found.clear();
  }

  private beginAnew(): void {
    this.changes += 1;
    this.underWay.clear();
    this.absent.clear(); // of what is not there, nothing says whose it will be
  }

  private begin(key: string, lookUp: () => Promise<Found | undefined>): Promise<Found | undefined> {
    const { changes } = this;
    const lookup = lookUp()
      .then((found) => {
        if (changes !== this.changes) return found;
        if (found === undefined) this.absent.set(key, true);
        else this.found.set(key, found);
        return found;
      })
      .finally(() => {
        if (this.underWay.get(key) === lookup) this.underWay.delete(key);
      });
    this.underWay.set(key, lookup);
    return lookup;
  }
}
