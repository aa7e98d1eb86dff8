import { QueryFailedError, QueryRunner } from 'typeorm';
import { TransferError, Row, TableHead } from './export-file';
import { quoted, Table } from './tables';

/** Rows that are written together. */
const BATCH = 500;

/** One table of the file, on its way into its table here. */
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
      await this.runner.query(`ALTER SEQUENCE ${sequence} RESTART WITH ${next}`); // unlike setval, undone with the rest
    }
  }

  private async write(): Promise<void> {
    if (this.batch.length === 0) return;
    const columns = this.table.columns.map((_, index) => this.batch.map((row) => row[index]));
    this.batch = [];
    await refused(this.table.name, this.runner.query(this.insert, columns));
  }
}

/** What the database says about values (classes 22 and 23 of SQLSTATE) is about the file. */
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

/** The five characters by which PostgreSQL tells its errors apart; empty for what is none of them. */
export function sqlStateOf(error: unknown): string {
  return error instanceof QueryFailedError ? String((error.driverError as { code?: unknown }).code) : '';
}
