import { DataSource, QueryRunner } from 'typeorm';

/** A table of the schema as the database has it. All names come from here and never from a file. */
export interface Table {
  readonly name: string;
  /** Without those that the database computes. */
  readonly columns: readonly Column[];
  /** Of the primary key, which rows are read by, so that two exports of one state are the same. */
  readonly orderedBy: readonly string[];
}

interface Column {
  readonly name: string;
  /** As the database writes it, `timestamp with time zone` say. */
  readonly type: string;
  /** What fills an identity or serial column, quoted as SQL wants it; null for any other. */
  readonly sequence: string | null;
}

/** Makes text of every type the same on all servers, and reads it back as it was written. */
const ONE_SPELLING = [
  `SET LOCAL "TimeZone" = 'UTC'`,
  `SET LOCAL "DateStyle" = 'ISO, YMD'`,
  `SET LOCAL "IntervalStyle" = 'postgres'`,
  `SET LOCAL bytea_output = 'hex'`,
  `SET LOCAL extra_float_digits = 3`,
];

/** Within the runner's transaction. */
export async function useOneSpelling(runner: QueryRunner): Promise<void> {
  for (const setting of ONE_SPELLING) await runner.query(setting);
}

/** The tables of all entities that the database has, in their order, so that one which is added to the schema is moved without a further line. */
export async function tablesOf(dataSource: DataSource, runner: QueryRunner): Promise<Table[]> {
  const tables: Table[] = [];
  for (const { tableName: name, primaryColumns } of dataSource.entityMetadatas) {
    const columns = (await runner.query(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type,
              pg_get_serial_sequence(quote_ident($1), attname) AS sequence
         FROM pg_attribute
        WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum`,
      [name],
    )) as Column[];
    if (columns.length === 0) continue; // of a later step than this database is at
    tables.push({ name, columns, orderedBy: primaryColumns.map(({ databaseName }) => databaseName) });
  }
  return tables;
}

/** The names of the steps that have been applied, in order. */
export async function appliedMigrations(dataSource: DataSource, runner: QueryRunner): Promise<string[]> {
  const table = quoted(dataSource.options.migrationsTableName ?? 'migrations');
  const rows = (await runner.query(`SELECT name FROM ${table} ORDER BY id`)) as { name: string }[];
  return rows.map(({ name }) => name);
}

/** As a name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
