import { OnApplicationShutdown } from '@nestjs/common';
import { MissingPackError, PackRange, PackStore } from './pack-store';

/** What a store is asked for, and what became of it. */
export const STORE_OPERATIONS = ['put', 'read', 'remove'] as const;
export const STORE_RESULTS = ['done', 'missing', 'failed'] as const;
type Operation = (typeof STORE_OPERATIONS)[number];
type Result = (typeof STORE_RESULTS)[number];

/** A store whose operations are counted. */
export class CountedPackStore implements PackStore, OnApplicationShutdown {
  private readonly counts = new Map<string, number>();

  constructor(private readonly store: PackStore) {}

  /** The number of operations since the start that came to a result. */
  count(operation: Operation, result: Result): number {
    return this.counts.get(`${operation} ${result}`) ?? 0;
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  put(folder: string, name: string, bytes: Buffer): Promise<void> {
    return this.counted('put', this.store.put(folder, name, bytes));
  }

  expect(folder: string, names: readonly string[]): Promise<void> {
    return this.store.expect(folder, names);
  }

  read(folder: string, name: string, range: PackRange): Promise<Buffer> {
    return this.counted('read', this.store.read(folder, name, range));
  }

  remove(folder: string, name: string): Promise<void> {
    return this.counted('remove', this.store.remove(folder, name));
  }

  removeAll(folder: string): Promise<void> {
    return this.counted('remove', this.store.removeAll(folder));
  }

  stop(): void {
    this.store.stop();
  }

  private async counted<Value>(operation: Operation, under: Promise<Value>): Promise<Value> {
    let result: Result = 'done';
    try {
      return await under;
    } catch (error) {
      result = error instanceof MissingPackError ? 'missing' : 'failed';
      throw error;
    } finally {
      const name = `${operation} ${result}`;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }
  }
}
