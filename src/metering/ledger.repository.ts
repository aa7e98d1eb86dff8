import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CallRow } from './call-row';
import { INSERT_CALLS } from './ledger-statement';
import { RecordedCalls } from './recorded-calls';
import { queryPlannedOnce } from '../database/planned-once';
import { sqlStateOf } from '../database/sql-state';

/** PostgreSQL's code for a row that belongs to no partition. */
const CHECK_VIOLATION = '23514';

/** Writes calls into the ledger. */
@Injectable()
export class LedgerRepository {
  /** The months whose partitions exist, as `2026-11`. */
  private readonly months = new Set<string>();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Inserts rows and adds them to the sums, in one statement. A row that is in the ledger already changes nothing.
   * @returns what was added.
   */
  async insert(rows: readonly CallRow[]): Promise<readonly RecordedCalls[]> {
    try {
      return await this.insertInto(rows);
    } catch (error) {
      if (sqlStateOf(error) !== CHECK_VIOLATION) throw error;
      this.months.clear(); // a partition that was there has been dropped for its age
      return await this.insertInto(rows);
    }
  }

  private async insertInto(rows: readonly CallRow[]): Promise<readonly RecordedCalls[]> {
    for (const month of new Set(rows.map(({ at }) => at.slice(0, 7)))) await this.createPartition(month);
    return queryPlannedOnce(this.dataSource, { name: 'insert_calls', text: INSERT_CALLS }, [
      JSON.stringify(rows),
    ]);
  }

  private async createPartition(month: string): Promise<void> {
    if (this.months.has(month)) return;
    await this.dataSource.query('SELECT create_calls_partition($1)', [`${month}-01T00:00:00Z`]);
    this.months.add(month);
  }
}
