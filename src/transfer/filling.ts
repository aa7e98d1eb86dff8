import { QueryRunner } from 'typeorm';
import { sqlStateOf } from '../database/sql-state';
import { TransferError, Row, TableHead } from './export-file';
import { quoted, Table } from './tables';

/** The number of rows per INSERT. */
const BATCH = 500;

/** Inserts the rows of one table of the file into the database, in batches. */
export class Filling {
  private batch: Row[] = [];
  private readonly insert: string;

  constructor(
    private readonly runner: QueryRunner,
    private readonly table: Table,
    private readonly head: TableHead,
  ) {
    const names = table.columns.map(({ name }) => quoted(name)).join(', ');
    const values = table.columns.map(({ name, type }) => `${quoted(name)}::${type}`).join(', ');
    const parameters = table.columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
    this.insert =
      `INSERT INTO ${quoted(table.name)} (${names}) OVERRIDING SYSTEM VALUE ` +
      `SELECT ${values} FROM unnest(${parameters}) AS given(${names})`;
  }

  async add(row: Row): Promise<void> {
    if (this.batch.push(row) >= BATCH) await this.write();
  }

  async end(): Promise<void> {
    await this.write();
    for (const { name, sequence } of this.table.columns) {
      const next = this.head.next[name];
      if (sequence === null || next === undefined || !/^-?\d+$/.test(next)) continue;
      await this.runner.query(`ALTER SEQUENCE ${sequence} RESTART WITH ${next}`); // unlike setval, it is rolled back with the transaction
    }
  }

  /** Creates the partitions that the batch belongs to, by the database's own function for the table. */
  private async createPartitions(): Promise<void> {
    const { name, columns, partitionedBy } = this.table;
    if (partitionedBy === undefined) return;
    const index = columns.findIndex((column) => column.name === partitionedBy);
    const months = new Set(this.batch.map((row) => row[index]?.slice(0, 7)));
    for (const month of months)
      await refused(
        name,
        this.runner.query(`SELECT ${quoted(`create_${name}_partition`)}($1)`, [
          `${month ?? ''}-01T00:00:00Z`,
        ]),
      );
  }

  private async write(): Promise<void> {
    if (this.batch.length === 0) return;
    await this.createPartitions();
    const columns = this.table.columns.map((_, index) => this.batch.map((row) => row[index]));
    this.batch = [];
    await refused(this.table.name, this.runner.query(this.insert, columns));
  }
}

/** Rethrows the database's errors about values (SQLSTATE classes 22 and 23) as TransferError: they are the file's fault. */
export async function refused(table: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Error) || !/^2[23]/.test(sqlStateOf(error))) throw error;
    throw new TransferError(
      `The file has been changed: the database does not take its rows${table && ` of ${table}`} (${error.message}).`,
      { cause: error },
    );
  }
}
