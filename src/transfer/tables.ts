import { DataSource, QueryRunner } from 'typeorm';

/** A table as it is in the database. All names in SQL come from here and never from a file. */
export interface Table {
  readonly name: string;
  /** The columns, without generated ones. */
  readonly columns: readonly Column[];
  /** The column by which the table is partitioned; undefined if it is one table. */
  readonly partitionedBy: string | undefined;
  /** The columns of the primary key; rows are read in its order, so that two exports of the same state are identical. */
  readonly orderedBy: readonly string[];
}

interface Column {
  readonly name: string;
  /** The type as the database writes it, for example `timestamp with time zone`. */
  readonly type: string;
  /** The sequence of an identity or serial column, quoted for SQL; null for any other column. */
  readonly sequence: string | null;
}

/** Settings that make the text form of every type identical on all servers, so that it can be read back exactly. */
const ONE_SPELLING = [
  `SET LOCAL "TimeZone" = 'UTC'`,
  `SET LOCAL "DateStyle" = 'ISO, YMD'`,
  `SET LOCAL "IntervalStyle" = 'postgres'`,
  `SET LOCAL bytea_output = 'hex'`,
  `SET LOCAL extra_float_digits = 3`,
];

/** Applies the settings to the runner's current transaction. */
export async function useOneSpelling(runner: QueryRunner): Promise<void> {
  for (const setting of ONE_SPELLING) await runner.query(setting);
}

/** The tables of earlier schemas that no entity belongs to any more, which exports of those versions contain. */
const FORMER_TABLES = [{ name: 'user_anthropic_keys', orderedBy: ['user_id'] }];

/**
 * Returns the tables that exist in the database: those of all entities, in the entities' order, and those of earlier schemas. A
 * new entity needs no change here.
 */
export async function tablesOf(dataSource: DataSource, runner: QueryRunner): Promise<Table[]> {
  const tables: Table[] = [];
  const entities = dataSource.entityMetadatas.map(({ tableName: name, primaryColumns }) => {
    return { name, orderedBy: primaryColumns.map(({ databaseName }) => databaseName) };
  });
  for (const { name, orderedBy } of [...entities, ...FORMER_TABLES]) {
    const columns = (await runner.query(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type,
              pg_get_serial_sequence(quote_ident($1), attname) AS sequence
         FROM pg_attribute
        WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum`,
      [name],
    )) as Column[];
    if (columns.length === 0) continue; // the table belongs to a migration that this database has not applied
    const [partitioned] = (await runner.query(
      `SELECT attname AS name FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
        WHERE partrelid = to_regclass(quote_ident($1))`,
      [name],
    )) as { name: string }[];
    tables.push({ name, columns, partitionedBy: partitioned?.name, orderedBy });
  }
  return tables;
}

/** Returns the names of the applied migrations, in order. */
export async function appliedMigrations(dataSource: DataSource, runner: QueryRunner): Promise<string[]> {
  const table = quoted(dataSource.options.migrationsTableName ?? 'migrations');
  const rows = (await runner.query(`SELECT name FROM ${table} ORDER BY id`)) as { name: string }[];
  return rows.map(({ name }) => name);
}

/** Quotes an identifier for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
