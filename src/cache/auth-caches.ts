import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, EntitySubscriberInterface, TransactionCommitEvent } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { InvalidationFeed, AuthCache, Owned } from './auth-cache';

/** The limits of each cache: a few megabytes. */
const LIMITS = { maxEntries: { found: 10_000, absent: 1_000 }, ms: { found: 60_000, absent: 10_000 } };

/** The key in a query runner's data under which a transaction collects the owners it has changed. */
const CHANGED = 'tracevault: changed owners';

/** All caches of this process, so that a change invalidates each of them. */
@Injectable()
export class AuthCaches implements EntitySubscriberInterface {
  private readonly caches = new Map<string, AuthCache<Owned>>();
  private readonly listeners: ((owner: string | undefined) => void)[] = [];
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
  create<Found extends Owned>(name: string): AuthCache<Found> {
    const cache = new AuthCache<Found>(() => this.feed, LIMITS);
    this.caches.set(name, cache as unknown as AuthCache<Owned>);
    return cache;
  }

  /** Returns all caches with their names. */
  list(): IterableIterator<[string, AuthCache<Owned>]> {
    return this.caches.entries();
  }

  /**
   * Invalidates the entries of a user or an organization in all caches and notifies the listeners. It has to be called after
   * the commit of any change to a user's access or to what an organization grants, such as a revoked session or a stored or
   * removed key, and before the response. The database notifies the other replicas.
   */
  invalidate(owner: string): void {
    for (const cache of this.caches.values()) cache.invalidate(owner);
    for (const listener of this.listeners) listener(owner);
  }

  /**
   * Does the same when the caller's transaction commits.
   * @throws Error outside a transaction.
   */
  invalidateOnCommit({ queryRunner }: EntityManager, owner: string): void {
    if (queryRunner === undefined) throw new Error('There is no transaction');
    const changed = (queryRunner.data[CHANGED] ??= new Set<string>()) as Set<string>;
    changed.add(owner);
  }

  /** Called by TypeORM after a commit, before the transaction's promise resolves. */
  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    const changed = queryRunner.data[CHANGED] as Set<string> | undefined;
    changed?.forEach((owner) => this.invalidate(owner));
  }

  invalidateAll(): void {
    for (const cache of this.caches.values()) cache.invalidateAll();
    for (const listener of this.listeners) listener(undefined);
  }

  /** Calls the listener after each change with the id of the user or organization, or with undefined when it may affect any user. */
  onChange(listener: (owner: string | undefined) => void): void {
    this.listeners.push(listener);
  }

  useFeed(feed: InvalidationFeed): void {
    this.feed = feed;
  }
}
