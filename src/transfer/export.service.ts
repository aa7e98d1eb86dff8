import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataSource, QueryRunner } from 'typeorm';
import { rollBack } from '../database/roll-back';
import { FORMAT, Head, lineOf, Tally, VERSION } from './export-file';
import { appliedMigrations, quoted, Table, tablesOf, useOneSpelling } from './tables';

/** The maximum number of rows in memory at once. */
const BATCH = 500;

export interface Exported {
  readonly at: string;
  /** The number of exported rows, by table. */
  readonly rows: ReadonlyMap<string, number>;
}

/** Exports all rows of all tables from one consistent snapshot; servers may keep running. */
@Injectable()
export class ExportService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Writes an export to a stream, which it leaves open.
   * @param writtenBy the running version of TraceVault.
   * @returns the time of the export and the number of rows by table.
   */
  async exportTo(out: Writable, writtenBy: string): Promise<Exported> {
    const tally = new Tally();
    const at = new Date().toISOString();
    const head: Omit<Head, 'migrations'> = {
      format: FORMAT,
      version: VERSION,
      written_by: writtenBy,
      written_at: at,
    };
    await pipeline(Readable.from(this.chunks(head, tally)), out, { end: false });
    return { at, rows: tally.rows };
  }

  private async *chunks(head: Omit<Head, 'migrations'>, tally: Tally): AsyncGenerator<string> {
    const runner = this.dataSource.createQueryRunner();
    const counted = (chunk: string): string => {
      tally.add(chunk);
      return chunk;
    };
    try {
      await runner.startTransaction('REPEATABLE READ'); // one snapshot for all tables
      await runner.query('SET TRANSACTION READ ONLY');
      await useOneSpelling(runner);
      const migrations = await appliedMigrations(this.dataSource, runner);
      yield counted(lineOf({ ...head, migrations } satisfies Head));
      for (const table of await tablesOf(this.dataSource, runner)) {
        tally.beginTable(table.name);
        yield counted(await tableLine(runner, table));
        for await (const batch of rowsOf(runner, table)) {
          tally.countRows(batch.length);
          yield counted(batch.map(lineOf).join(''));
        }
      }
      yield tally.end();
    } finally {
      await rollBack(runner); // the transaction has only read
      await runner.release();
    }
  }
}

async function tableLine(runner: QueryRunner, { name, columns }: Table): Promise<string> {
  const next: Record<string, string> = {};
  for (const { name: column, sequence } of columns) {
    if (sequence === null) continue;
    const [state] = (await runner.query(
      `SELECT (CASE WHEN is_called THEN last_value + seqincrement ELSE last_value END)::text AS next
         FROM ${sequence}, pg_sequence WHERE seqrelid = $1::regclass`,
      [sequence],
    )) as [{ next: string }];
    next[column] = state.next;
  }
  return lineOf({
    table: name,
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    next,
  });
}

/** Reads a table in batches with a cursor, so that a large table is never held in memory, here or in the database. */
async function* rowsOf(
  runner: QueryRunner,
  { name, columns, orderedBy }: Table,
): AsyncGenerator<(string | null)[][]> {
  const values = columns.map(({ name: column }) => `${quoted(column)}::text`).join(', ');
  await runner.query(
    `DECLARE moving NO SCROLL CURSOR FOR
     SELECT ARRAY[${values}] AS row FROM ${quoted(name)} ORDER BY ${orderedBy.map(quoted).join(', ')}`,
  );
  for (;;) {
    const batch = (await runner.query(`FETCH ${BATCH} FROM moving`)) as { row: (string | null)[] }[];
    if (batch.length > 0) yield batch.map(({ row }) => row);
    if (batch.length < BATCH) break;
  }
  await runner.query('CLOSE moving');
}
