import { DataSource, DataSourceOptions } from 'typeorm';
import { Config } from '../config/config';
import { EmbeddedDataSource } from './embedded-data-source';
import { PostgresClient } from './postgres-client';
import { schema } from './schema';

/** How long a query on a PostgreSQL server may take. */
const QUERY_TIMEOUT_MS = 30_000;

/**
 * Creates the data source for the configured database, without connecting. Both databases share one schema and dialect.
 * @param queryTimeoutMs how long a query on a PostgreSQL server may take; then it fails, and its connection is closed.
 */
export function createDataSource(
  database: Config['database'],
  queryTimeoutMs = QUERY_TIMEOUT_MS,
): DataSource {
  const options = {
    ...schema,
    migrationsTableName: 'migrations',
    uuidExtension: 'pgcrypto', // gen_random_uuid(), which PostgreSQL has built in since 13
    installExtensions: false,
  } satisfies Partial<DataSourceOptions>;
  if (database.kind === 'embedded') return new EmbeddedDataSource(database.dataDir, options);
  return new DataSource({
    ...options,
    type: 'postgres',
    url: database.url,
    applicationName: 'tracevault',
    poolSize: 10,
    connectTimeoutMS: 5_000,
    extra: { keepAlive: true, query_timeout: queryTimeoutMs, Client: PostgresClient },
  });
}
