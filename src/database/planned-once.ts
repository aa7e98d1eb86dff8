import { Client } from 'pg';
import { DataSource, QueryFailedError } from 'typeorm';
import { EmbeddedDataSource } from './embedded-data-source';

/** A statement with a name of its own, under which its plan is kept. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * Executes a statement that is large and executed all the time. The embedded database keeps its plan, which takes 7 ms to make. With
 * a PostgreSQL server it is planned each time, in a process of its own: behind a pooler the connection that has the plan may be another one.
 * @returns the rows.
 * @throws QueryFailedError when the database refuses it, as of any other query.
 */
export async function queryPlannedOnce<T extends object>(
  dataSource: DataSource,
  statement: NamedStatement,
  values: unknown[],
): Promise<T[]> {
  if (!(dataSource instanceof EmbeddedDataSource)) return dataSource.query<T[]>(statement.text, values);
  const runner = dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as Client;
    const { rows } = await client.query<T>({ ...statement, values });
    return rows;
  } catch (error) {
    throw error instanceof Error ? new QueryFailedError(statement.text, values, error) : error;
  } finally {
    await runner.release();
  }
}
