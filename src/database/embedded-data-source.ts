import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { DataSource, DataSourceOptions } from 'typeorm';
import { createDatabase } from './create-database';
import { prepareDataDirectory } from './data-directory';
import { findTemplate } from './database-template';
import { DirectoryLock } from './directory-lock';
import { YieldingPGlite } from './yielding-pglite';

/**
 * The data source of PostgreSQL inside this process (PGlite), which is used through `pg` like any other. Its files are opened
 * only under an exclusive lock: two processes on one directory would silently lose rows. The TypeORM command line uses this
 * class as well.
 */
export class EmbeddedDataSource extends DataSource {
  private readonly extra: object;
  private pglite?: PGlite;
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
      this.pglite = await YieldingPGlite.open(directory);
      Object.assign(this.extra, createPgConfig(this.pglite)); // TypeORM reads it when it creates its pool
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
    if (this.pglite?.closed === false) await this.pglite.close();
    await this.lock?.release();
  }
}
