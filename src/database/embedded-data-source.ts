import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { DataSource, DataSourceOptions } from 'typeorm';
import { prepareDataDirectory } from './data-directory';
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
    // One connection is all that PGlite has; a query that waits for it for ever is a bug that must show.
    const extra = { max: 1, connectionTimeoutMillis: 30_000 };
    super({ ...options, type: 'postgres', extra } as DataSourceOptions);
    this.extra = extra;
  }

  override async initialize(): Promise<this> {
    await prepareDataDirectory(this.dataDir);
    this.lock = await DirectoryLock.acquire(this.dataDir);
    try {
      const directory = join(this.dataDir, 'pgdata');
      if (!existsSync(directory)) await makeDatabase(directory);
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

/** Beside its place, and moved there when it is whole: a first start that is killed in the middle leaves nothing to open. */
async function makeDatabase(directory: string): Promise<void> {
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 }); // PGlite would make it 0755, with files 0666
  const pglite = await PGlite.create(unfinished);
  await pglite.close();
  await rename(unfinished, directory);
}
