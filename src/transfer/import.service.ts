import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { applyRest, revertTo } from '../database/migrate';
import { rollBack } from '../database/roll-back';
import { Head, TransferError, TableHead } from './export-file';
import { ExportReader } from './export-reader';
import { sqlStateOf } from '../database/sql-state';
import { Filling, refused } from './filling';
import { ForwardReferences } from './forward-references';
import { appliedMigrations, quoted, Table, tablesOf, useOneSpelling } from './tables';

const LOCK_SECONDS = 10;
const LOCK_NOT_AVAILABLE = '55P03';

interface ImportOptions {
  readonly dryRun: boolean;
  /** Called within the transaction when all rows are inserted. If it throws, the import is rolled back. */
  readonly check: (transaction: EntityManager) => Promise<void>;
}

/** Imports an export into an empty database, in one transaction: everything or nothing. */
@Injectable()
export class ImportService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Imports an export; with `dryRun` the transaction is rolled back at the end.
   * @returns the number of imported rows, by table.
   * @throws TransferError when the file is not a valid export for this version, or the database is not empty or is in use;
   * nothing has changed then.
   */
  async importFrom(
    source: AsyncIterable<Buffer | string>,
    { dryRun, check }: ImportOptions,
  ): Promise<ReadonlyMap<string, number>> {
    const reader = new ExportReader(source);
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      await useOneSpelling(runner);
      await this.fill(runner, reader);
      await check(runner.manager);
      if (dryRun) await runner.rollbackTransaction();
      else await runner.commitTransaction();
      return reader.rows;
    } catch (error) {
      await rollBack(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }

  private async fill(runner: QueryRunner, reader: ExportReader): Promise<void> {
    let tables: Table[] = [];
    let references = new ForwardReferences(runner, tables);
    let filling: Filling | undefined;
    for await (const piece of reader.pieces()) {
      if ('row' in piece) {
        await filling?.add(piece.row);
        continue;
      }
      await filling?.end();
      if ('head' in piece) {
        await this.takeSchemaOf(runner, piece.head);
        tables = await tablesOf(this.dataSource, runner);
        references = new ForwardReferences(runner, tables);
        await references.defer();
      } else {
        filling = new Filling(runner, tableIn(tables, piece.table), piece.table);
      }
    }
    await filling?.end();
    const missing = tables.filter(({ name }) => !reader.rows.has(name)).map(({ name }) => name);
    if (missing.length > 0) throw new TransferError(`The file has no table ${missing.join(', ')}.`);
    await refused('', references.settle());
    await refused('', applyRest(this.dataSource, runner));
  }

  /**
   * Reverts the schema to the one that the export was written from. Later migrations are reverted while the database is empty,
   * and are applied again to the imported rows, as in an upgrade.
   */
  private async takeSchemaOf(runner: QueryRunner, { migrations, written_by }: Head): Promise<void> {
    const ours = await appliedMigrations(this.dataSource, runner);
    if (migrations.length === 0 || !migrations.every((name, index) => name === ours[index]))
      throw new TransferError(
        `The file’s schema ends with ${migrations.at(-1) ?? 'nothing'}, which this TraceVault does not know; its own ends with ${ours.at(-1) ?? 'nothing'}. ` +
          `Import it with the TraceVault that wrote it (${written_by}) or a later one.`,
      );
    await refuseUnlessEmpty(runner, await tablesOf(this.dataSource, runner));
    await revertTo(migrations.length, this.dataSource, runner);
  }
}

/** Returns the table that a table of the file belongs to. @throws TransferError unless it exists with the same columns. */
function tableIn(tables: readonly Table[], { table: name, columns }: TableHead): Table {
  const table = tables.find((known) => known.name === name);
  if (table === undefined)
    throw new TransferError(`The file has a table ${name}, which this TraceVault does not know.`);
  const described = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
  const here = table.columns.map((column) => `${column.name} ${column.type}`);
  if (described.join() !== here.join())
    throw new TransferError(
      `The columns of ${name} are not those of this TraceVault: ${described.join(', ')}.`,
    );
  return table;
}

/**
 * Locks all tables until the end of the transaction, so that a server that runs on this database can't insert rows meanwhile.
 * @throws TransferError when a table has rows, or can't be locked within LOCK_SECONDS.
 */
async function refuseUnlessEmpty(runner: QueryRunner, tables: readonly Table[]): Promise<void> {
  await runner.query(`SET LOCAL lock_timeout = '${LOCK_SECONDS}s'`);
  const names = tables.map(({ name }) => quoted(name)).join(', ');
  await runner.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`).catch((cause: unknown) => {
    if (sqlStateOf(cause) !== LOCK_NOT_AVAILABLE) throw cause;
    throw new TransferError(
      `Others have worked in the database for ${LOCK_SECONDS} seconds. Stop the servers and try again.`,
      { cause },
    );
  });
  const filled: string[] = [];
  for (const { name } of tables) {
    const [found] = (await runner.query(`SELECT EXISTS (SELECT 1 FROM ${quoted(name)}) AS any`)) as [
      { any: boolean },
    ];
    if (found.any) filled.push(name);
  }
  if (filled.length === 0) return;
  throw new TransferError(
    `The database has rows already (${filled.join(', ')}), and an import fills an empty one only. ` +
      'Make a new database and set DATABASE_URL, or a new TRACEVAULT_DATA_DIR, to it.',
  );
}
