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
 * PostgreSQL inside this process (PGlite), spoken to through `pg` like any other. It opens its files only under an
 * exclusive lock: two processes on one directory would silently lose rows. The TypeORM command line goes the same way.
 */
export class EmbeddedDataSource extends DataSource {
  private readonly extra: object;
  private pglite?: PGlite;
  private lock?: DirectoryLock;

  constructor(
    private readonly dataDir: string,
    options: Partial<DataSourceOptions>,
  ) {
    // One connection is all that PGlite has; a query that waits for it forever is a bug that must show.
    const extra = { max: 1, connectionTimeoutMillis: 30_000 };
    super({ ...options, type: 'postgres', extra } as DataSourceOptions);
    this.extra = extra;
  }

  override async initialize(): Promise<this> {
    await prepareDataDirectory(this.dataDir);
    this.lock = await DirectoryLock.acquire(this.dataDir);
    try {
      const directory = join(this.dataDir, 'pgdata');
      if (!existsSync(directory)) await createDatabase(directory, findTemplate());
      this.pglite = await YieldingPGlite.open(directory);
      Object.assign(this.extra, createPgConfig(this.pglite)); // TypeORM reads it when it makes its pool
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

  /** After the pool: PGlite waits ten seconds for a client that is still there. */
  private async closeFiles(): Promise<void> {
    if (this.pglite?.closed === false) await this.pglite.close();
    await this.lock?.release();
  }
}
