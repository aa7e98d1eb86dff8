import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, EntitySubscriberInterface, TransactionCommitEvent } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { InvalidationFeed, AuthCache, UserOwned } from './auth-cache';

/** The limits of each cache: a few megabytes. */
const LIMITS = { maxEntries: { found: 10_000, absent: 1_000 }, ms: { found: 60_000, absent: 10_000 } };

/** The key in a query runner's data under which a transaction collects the users it has changed. */
const CHANGED = 'tracevault: changed users';

/** All caches of this process, so that a change invalidates each of them. */
@Injectable()
export class AuthCaches implements EntitySubscriberInterface {
  private readonly caches = new Map<string, AuthCache<UserOwned>>();
  private readonly listeners: ((userId: string | undefined) => void)[] = [];
  private feed: InvalidationFeed;

  constructor(@Inject(CONFIG) { database }: Config, @InjectDataSource() dataSource: DataSource) {
    // No other process can open the embedded database. With PostgreSQL there may be replicas, so nothing is cached before
    // their changes are received.
    const isAlone = database.kind === 'embedded';
    this.feed = { isUpToDate: isAlone, catchUp: () => Promise.resolve(isAlone) };
    dataSource.subscribers.push(this);
  }

  /**
   * Whether all changes that other replicas made a second ago or earlier have been received. While they have not, nothing
   * is served from a cache.
   */
  get hasInvalidationFeed(): boolean {
    return this.feed.isUpToDate;
  }

  /**
   * Creates a cache.
   * @param name the name of the cache in the metrics.
   */
  create<Found extends UserOwned>(name: string): AuthCache<Found> {
    const cache = new AuthCache<Found>(() => this.feed, LIMITS);
    this.caches.set(name, cache as unknown as AuthCache<UserOwned>);
    return cache;
  }

  /** Returns all caches with their names. */
  list(): IterableIterator<[string, AuthCache<UserOwned>]> {
    return this.caches.entries();
  }

  /**
   * Invalidates a user's entries in all caches and notifies the listeners. It has to be called after the commit of any
   * change to a user's access, such as a revoked session or a stored or removed key, and before the response. The database
   * notifies the other replicas.
   */
  invalidate(userId: string): void {
    for (const cache of this.caches.values()) cache.invalidate(userId);
    for (const listener of this.listeners) listener(userId);
  }

  /**
   * Does the same when the caller's transaction commits.
   * @throws Error outside a transaction.
   */
  invalidateOnCommit({ queryRunner }: EntityManager, userId: string): void {
    if (queryRunner === undefined) throw new Error('There is no transaction');
    const changed = (queryRunner.data[CHANGED] ??= new Set<string>()) as Set<string>;
    changed.add(userId);
  }

  /** Called by TypeORM after a commit, before the transaction's promise resolves. */
  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    const changed = queryRunner.data[CHANGED] as Set<string> | undefined;
    changed?.forEach((userId) => this.invalidate(userId));
  }

  invalidateAll(): void {
    for (const cache of this.caches.values()) cache.invalidateAll();
    for (const listener of this.listeners) listener(undefined);
  }

  /** Calls the listener after each change with the id of the user, or with undefined when it may affect any user. */
  onChange(listener: (userId: string | undefined) => void): void {
    this.listeners.push(listener);
  }

  useFeed(feed: InvalidationFeed): void {
    this.feed = feed;
  }
}
