import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { DataSource, DataSourceOptions } from 'typeorm';
import { createDatabase } from './create-database';
import { prepareDataDirectory } from './data-directory';
import { findTemplate } from './database-template';
import { DatabaseThread } from './database-thread';
import { DirectoryLock } from './directory-lock';

/**
 * The data source of PostgreSQL inside this process (PGlite, in a thread of its own), which is used through `pg` like any other. Its files are opened
 * only under an exclusive lock: two processes on one directory would silently lose rows. The TypeORM command line uses this
 * class as well.
 */
export class EmbeddedDataSource extends DataSource {
  private readonly extra: object;
  private database?: DatabaseThread;
  private lock?: DirectoryLock;

  constructor(
    private readonly dataDir: string,
    options: Partial<DataSourceOptions>,
  ) {
    // PGlite has a single connection; a query that would wait for it forever is a bug, and the timeout makes it visible.
    const extra = { max: 1, connectionTimeoutMillis: 30_000 };
    super({ ...options, type: 'postgres', extra } as DataSourceOptions);
    this.extra = extra;
  }

  /**
   * Creates the database if there is none, and opens it.
   * @throws DataDirectoryError when the directory is not safe to use.
   * @throws DirectoryLockedError when another process uses it.
   */
  override async initialize(): Promise<this> {
    await prepareDataDirectory(this.dataDir);
    this.lock = await DirectoryLock.acquire(this.dataDir);
    try {
      const directory = join(this.dataDir, 'pgdata');
      if (!existsSync(directory)) await createDatabase(directory, findTemplate());
      this.database = await DatabaseThread.open(directory);
      // TypeORM reads it when it creates its pool. The adapter uses no other members of a PGlite.
      Object.assign(this.extra, createPgConfig(this.database as unknown as PGlite));
      return await super.initialize();
    } catch (error) {
      await this.closeFiles();
      throw error;
    }
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.closeFiles();
  }

  /** Closes PGlite and releases the lock. To be called after the pool is closed: PGlite waits ten seconds for open clients. */
  private async closeFiles(): Promise<void> {
    if (this.database?.closed === false) await this.database.close();
    await this.lock?.release();
  }
}
