import { LRUCache } from 'lru-cache';

interface AuthCacheOptions {
  /** Of what was found, and, apart from it, of what was not: whoever guesses pushes nothing out that is in use. */
  readonly maxEntries: { readonly found: number; readonly absent: number };
  /** How long it is kept when nothing tells of a change; a lid, for changes that nothing tells of. */
  readonly ms: { readonly found: number; readonly absent: number };
}

/** Whoever comes later asks again: what an earlier one waits for may be a dead connection. */
const JOINED_WITHIN_MS = 1_000;

/** Whether a change that was made elsewhere a second ago has been heard of. */
export interface InvalidationFeed {
  readonly isSure: boolean;
  /** Tries to become sure, in a moment. @returns whether it is. */
  makeSure(): Promise<boolean>;
}

/** Everything that is found is some person's, and is forgotten when something of theirs changes. */
export interface OfUser {
  readonly userId: string;
}

interface InFlight<Found> {
  readonly result: Promise<Found | undefined>;
  /** From performance.now(). */
  readonly since: number;
}

/** How often which way was taken, since the start. */
export interface AuthCacheCounts {
  hit: number;
  miss: number;
  /** The database was asked, because a change on another replica might not have been heard of. */
  bypass: number;
}

/**
 * What lookups in the database came to. Nothing is kept of a lookup during which something changed, and nobody joins a
 * lookup that began before the change: whoever asks after a change gets an answer from after it.
 */
export class AuthCache<Found extends OfUser> {
  readonly counts: AuthCacheCounts = { hit: 0, miss: 0, bypass: 0 };
  private readonly found: LRUCache<string, Found>;
  private readonly absent: LRUCache<string, true>;
  /** Lookups that others may join: a stampede asks the database once. */
  private readonly inFlight = new Map<string, InFlight<Found>>();
  /** What is kept of each person, so that a change costs what it changes and not a walk through everything. */
  private readonly keysOf = new Map<string, Set<string>>();
  private changes = 0;

  constructor(
    private readonly feed: () => InvalidationFeed,
    { maxEntries, ms }: AuthCacheOptions,
  ) {
    this.found = new LRUCache({
      max: maxEntries.found,
      ttl: ms.found,
      dispose: ({ userId }, key) => this.unlist(userId, key),
    });
    this.absent = new LRUCache({ max: maxEntries.absent, ttl: ms.absent });
  }

  /** How many are kept, found and absent. */
  get size(): number {
    return this.found.size + this.absent.size;
  }

  /** @param key no secret: the hash of one, or an id. */
  async get(key: string, load: () => Promise<Found | undefined>): Promise<Found | undefined> {
    const feed = this.feed();
    if (!feed.isSure && !(await feed.makeSure())) {
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

  /** Something of this person's has changed. */
  invalidate(userId: string): void {
    this.restart();
    for (const key of this.keysOf.get(userId) ?? []) this.found.delete(key); // and from here, by dispose
  }

  invalidateAll(): void {
    this.restart();
    this.found.clear();
  }

  private restart(): void {
    this.changes += 1;
    this.inFlight.clear();
    this.absent.clear(); // of what is not there, nothing says whose it will be
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
    const keys = this.keysOf.get(found.userId);
    if (keys === undefined) this.keysOf.set(found.userId, new Set([key]));
    else keys.add(key);
  }

  private unlist(userId: string, key: string): void {
    const keys = this.keysOf.get(userId);
    keys?.delete(key);
    if (keys?.size === 0) this.keysOf.delete(userId);
  }
}
