import { QueryRunner } from 'typeorm';
import { quoted, Table } from './tables';

interface Reference {
  readonly table: string;
  readonly name: string;
}

/**
 * Defers the foreign keys that refer to a table which is filled later, or to their own table, until all rows are inserted.
 * All other foreign keys are checked row by row, as usual.
 */
export class ForwardReferences {
  private deferred: Reference[] = [];

  constructor(
    private readonly runner: QueryRunner,
    private readonly tables: readonly Table[],
  ) {}

  async defer(): Promise<void> {
    const order = new Map(this.tables.map(({ name }, index) => [name, index]));
    const all = (await this.runner.query(
      `SELECT own.relname AS table, conname AS name, other.relname AS target
         FROM pg_constraint JOIN pg_class own ON own.oid = conrelid JOIN pg_class other ON other.oid = confrelid
        WHERE contype = 'f' AND NOT condeferrable AND conrelid = ANY (SELECT to_regclass(quote_ident(t)) FROM unnest($1::text[]) t)`,
      [this.tables.map(({ name }) => name)],
    )) as (Reference & { target: string })[];
    this.deferred = all.filter(({ table, target }) => (order.get(target) ?? -1) >= (order.get(table) ?? -1));
    for (const { table, name } of this.deferred)
      await this.alter(table, name, 'DEFERRABLE INITIALLY DEFERRED');
  }

  /** Checks the deferred foreign keys, and restores the schema. */
  async settle(): Promise<void> {
    await this.runner.query('SET CONSTRAINTS ALL IMMEDIATE');
    for (const { table, name } of this.deferred) await this.alter(table, name, 'NOT DEFERRABLE');
  }

  private async alter(table: string, name: string, how: string): Promise<void> {
    await this.runner.query(`ALTER TABLE ${quoted(table)} ALTER CONSTRAINT ${quoted(name)} ${how}`);
  }
}
