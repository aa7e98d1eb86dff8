import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, EntitySubscriberInterface, TransactionCommitEvent } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { InvalidationFeed, AuthCache, OfUser } from './auth-cache';

/** Of each cache: a few megabytes. */
const REMEMBERED = { maxEntries: { found: 10_000, absent: 1_000 }, ms: { found: 60_000, absent: 10_000 } };

/** What a transaction has changed, in its query runner's data. */
const CHANGED = 'tracevault: changed users';

/** All caches of this process, so that a change reaches each of them. */
@Injectable()
export class AuthCaches implements EntitySubscriberInterface {
  private readonly caches = new Map<string, AuthCache<OfUser>>();
  private readonly listeners: ((userId: string | undefined) => void)[] = [];
  private feed: InvalidationFeed;

  constructor(@Inject(CONFIG) { database }: Config, @InjectDataSource() dataSource: DataSource) {
    // No other process can open the embedded database. On PostgreSQL there are replicas to listen to first.
    const isAlone = database.kind === 'embedded';
    this.feed = { isSure: isAlone, makeSure: () => Promise.resolve(isAlone) };
    dataSource.subscribers.push(this);
  }

  /** Whether a change that was made elsewhere a second ago has been heard of; while it is not, nothing is answered from memory. */
  get hasInvalidationFeed(): boolean {
    return this.feed.isSure;
  }

  /** @param name as the metrics call it. */
  make<Found extends OfUser>(name: string): AuthCache<Found> {
    const cache = new AuthCache<Found>(() => this.feed, REMEMBERED);
    this.caches.set(name, cache as unknown as AuthCache<OfUser>);
    return cache;
  }

  /** With their names. */
  list(): IterableIterator<[string, AuthCache<OfUser>]> {
    return this.caches.entries();
  }

  /**
   * To be called when a change of who may do what is committed, before anybody is told that it is: a session ended, a key
   * stored or removed. The database tells the other replicas by itself.
   */
  invalidate(userId: string): void {
    for (const cache of this.caches.values()) cache.invalidate(userId);
    for (const listener of this.listeners) listener(userId);
  }

  /** The same for a change that counts when the caller's transaction is through. */
  invalidateOnCommit({ queryRunner }: EntityManager, userId: string): void {
    if (queryRunner === undefined) throw new Error('There is no transaction');
    const changed = (queryRunner.data[CHANGED] ??= new Set<string>()) as Set<string>;
    changed.add(userId);
  }

  /** Called by TypeORM, before whoever waits for the transaction goes on. */
  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    const changed = queryRunner.data[CHANGED] as Set<string> | undefined;
    changed?.forEach((userId) => this.invalidate(userId));
  }

  invalidateAll(): void {
    for (const cache of this.caches.values()) cache.invalidateAll();
    for (const listener of this.listeners) listener(undefined);
  }

  /** Calls the listener after each change, with whose it was; undefined for everybody's. */
  onChange(listener: (userId: string | undefined) => void): void {
    this.listeners.push(listener);
  }

  useFeed(feed: InvalidationFeed): void {
    this.feed = feed;
  }
}
