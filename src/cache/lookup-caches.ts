import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, EntitySubscriberInterface, TransactionCommitEvent } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { Hearing, LookupCache, OfUser } from './lookup-cache';

/** Of each cache: a few megabytes. */
const REMEMBERED = { most: { found: 10_000, absent: 1_000 }, ms: { found: 60_000, absent: 10_000 } };

/** What a transaction has changed, in its query runner's data. */
const CHANGED = 'tracevault: changed users';

/** All caches of this process, so that a change reaches each of them. */
@Injectable()
export class LookupCaches implements EntitySubscriberInterface {
  private readonly caches = new Map<string, LookupCache<OfUser>>();
  private readonly listeners: ((userId: string | undefined) => void)[] = [];
  private hearing: Hearing;

  constructor(@Inject(CONFIG) { database }: Config, @InjectDataSource() dataSource: DataSource) {
    // No other process can open the embedded database. On PostgreSQL there are replicas to listen to first.
    const isAlone = database.kind === 'embedded';
    this.hearing = { isSure: isAlone, makeSure: () => Promise.resolve(isAlone) };
    dataSource.subscribers.push(this);
  }

  /** Whether a change that was made elsewhere a second ago has been heard of; while it is not, nothing is answered from memory. */
  get hearsOfChanges(): boolean {
    return this.hearing.isSure;
  }

  /** @param name as the metrics call it. */
  make<Found extends OfUser>(name: string): LookupCache<Found> {
    const cache = new LookupCache<Found>(() => this.hearing, REMEMBERED);
    this.caches.set(name, cache as unknown as LookupCache<OfUser>);
    return cache;
  }

  /** With their names. */
  list(): IterableIterator<[string, LookupCache<OfUser>]> {
    return this.caches.entries();
  }

  /**
   * To be called when a change of who may do what is committed, before anybody is told that it is: a session ended, a key
   * stored or removed. The database tells the other replicas by itself.
   */
  forget(userId: string): void {
    for (const cache of this.caches.values()) cache.forget(userId);
    for (const listener of this.listeners) listener(userId);
  }

  /** The same for a change that counts when the caller's transaction is through. */
  forgetOnCommit({ queryRunner }: EntityManager, userId: string): void {
    if (queryRunner === undefined) throw new Error('There is no transaction');
    const changed = (queryRunner.data[CHANGED] ??= new Set<string>()) as Set<string>;
    changed.add(userId);
  }

  /** Called by TypeORM, before whoever waits for the transaction goes on. */
  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    const changed = queryRunner.data[CHANGED] as Set<string> | undefined;
    changed?.forEach((userId) => this.forget(userId));
  }

  forgetAll(): void {
    for (const cache of this.caches.values()) cache.forgetAll();
    for (const listener of this.listeners) listener(undefined);
  }

  /** Calls the listener after each change, with whose it was; undefined for everybody's. */
  onChange(listener: (userId: string | undefined) => void): void {
    this.listeners.push(listener);
  }

  listenBy(hearing: Hearing): void {
    this.hearing = hearing;
  }
}
