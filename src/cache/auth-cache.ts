import { LRUCache } from 'lru-cache';

interface AuthCacheOptions {
  /** The maximum number of entries, separately for found and absent ones, so that guesses evict no entry that is in use. */
  readonly maxEntries: { readonly found: number; readonly absent: number };
  /** The time to live in milliseconds: an upper bound, for changes that cause no invalidation. */
  readonly ms: { readonly found: number; readonly absent: number };
}

/**
 * How long a lookup in flight may be joined. Later callers query again, because the earlier query may wait on a dead
 * connection.
 */
const JOINED_WITHIN_MS = 1_000;

/**
 * A feed of the changes that other replicas make. `isUpToDate` says whether all changes made a second ago or earlier have been
 * received.
 */
export interface InvalidationFeed {
  readonly isUpToDate: boolean;
  /**
   * Tries within a moment to make sure of that.
   * @returns whether all such changes have been received.
   */
  catchUp(): Promise<boolean>;
}

/**
 * A cached value. It belongs to a user, to an organization or to both, and is invalidated when the user's access changes, or
 * what the organization grants.
 */
export interface Owned {
  readonly userId?: string;
  readonly orgId?: string | null | undefined;
}

interface InFlight<Found> {
  readonly result: Promise<Found | undefined>;
  /** The start of the lookup, on the clock of performance.now(). */
  readonly since: number;
}

/** The number of lookups since the start, by their kind. */
export interface AuthCacheCounts {
  hit: number;
  miss: number;
  /** Lookups that bypassed the cache, because a change on another replica might not have been received. */
  bypass: number;
}

/**
 * Caches the results of database lookups. A result is not cached when something changed during its lookup, and no caller
 * joins a lookup that began before a change: a caller that comes after a change gets a result from after it.
 */
export class AuthCache<Found extends Owned> {
  readonly counts: AuthCacheCounts = { hit: 0, miss: 0, bypass: 0 };
  private readonly found: LRUCache<string, Found>;
  private readonly absent: LRUCache<string, true>;
  /** The lookups in flight, which are coalesced: a stampede queries the database once. */
  private readonly inFlight = new Map<string, InFlight<Found>>();
  /** The cached keys of each user and organization, so that an invalidation does not have to scan the whole cache. */
  private readonly keysOf = new Map<string, Set<string>>();
  private changes = 0;

  constructor(
    private readonly feed: () => InvalidationFeed,
    { maxEntries, ms }: AuthCacheOptions,
  ) {
    this.found = new LRUCache({
      max: maxEntries.found,
      ttl: ms.found,
      dispose: (found, key) => {
        for (const owner of ownersOf(found)) this.unlist(owner, key);
      },
    });
    this.absent = new LRUCache({ max: maxEntries.absent, ttl: ms.absent });
  }

  /** The number of entries, found and absent. */
  get size(): number {
    return this.found.size + this.absent.size;
  }

  /**
   * Returns the cached value, or loads it.
   * @param key the hash of a secret, or an id; never a secret itself.
   */
  async get(key: string, load: () => Promise<Found | undefined>): Promise<Found | undefined> {
    const feed = this.feed();
    if (!feed.isUpToDate && !(await feed.catchUp())) {
      this.counts.bypass += 1;
      return load();
    }
    const found = this.found.get(key);
    if (found !== undefined || this.absent.get(key) !== undefined) {
      this.counts.hit += 1;
      return found;
    }
    this.counts.miss += 1;
    const inFlight = this.inFlight.get(key);
    const isJoined = inFlight !== undefined && performance.now() - inFlight.since < JOINED_WITHIN_MS;
    return isJoined ? inFlight.result : this.begin(key, load);
  }

  /** Invalidates the entries of a user or an organization after a change, and all absent ones. */
  invalidate(owner: string): void {
    this.restart();
    for (const key of this.keysOf.get(owner) ?? []) this.found.delete(key); // dispose() removes the key from keysOf
  }

  invalidateAll(): void {
    this.restart();
    this.found.clear();
  }

  private restart(): void {
    this.changes += 1;
    this.inFlight.clear();
    this.absent.clear(); // an absent entry doesn't tell which user it may belong to after a change
  }

  private begin(key: string, load: () => Promise<Found | undefined>): Promise<Found | undefined> {
    const { changes } = this;
    const result = load()
      .then((found) => {
        if (changes !== this.changes) return found;
        if (found === undefined) this.absent.set(key, true);
        else this.keep(key, found);
        return found;
      })
      .finally(() => {
        if (this.inFlight.get(key)?.result === result) this.inFlight.delete(key);
      });
    this.inFlight.set(key, { result, since: performance.now() });
    return result;
  }

  private keep(key: string, found: Found): void {
    this.found.set(key, found);
    for (const owner of ownersOf(found)) {
      const keys = this.keysOf.get(owner);
      if (keys === undefined) this.keysOf.set(owner, new Set([key]));
      else keys.add(key);
    }
  }

  private unlist(owner: string, key: string): void {
    const keys = this.keysOf.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.keysOf.delete(owner);
  }
}

/** Returns the ids of the user and of the organization that a value belongs to. */
function ownersOf({ userId, orgId }: Owned): string[] {
  return [userId, orgId].filter((id) => typeof id === 'string');
}
