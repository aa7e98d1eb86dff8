import { createHash } from 'node:crypto';

/**
 * An export is lines of JSON: a head; for each table a line that names it and its columns, then a line a row; an end
 * with the number of rows and a checksum of all that stands before it. A value is its text as PostgreSQL writes it, or
 * null, so that it comes back to the last microsecond and byte whatever its type is.
 */
export const FORMAT = 'tracevault-export';
/** One more when an older reader would misread the file. */
export const VERSION = 1;

export interface Head {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The TraceVault that wrote it. */
  readonly written_by: string;
  /** ISO 8601, UTC. */
  readonly written_at: string;
  /** The steps of the schema that had been applied, in order. */
  readonly migrations: readonly string[];
}

export interface TableHead {
  readonly table: string;
  /** Name to type, in the order of the values in a row. */
  readonly columns: Readonly<Record<string, string>>;
  /** For columns that a sequence fills: the next number. */
  readonly next: Readonly<Record<string, string>>;
}

export type Row = readonly (string | null)[];

/** The file can't be taken, or can't be taken into this database. The message says why and what to do. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** The checksum and the number of rows, as lines are written or read. */
export class Tally {
  private readonly hash = createHash('sha256');
  readonly rows = new Map<string, number>();
  private table = '';

  /** Every line but the last, as it stands in the file. */
  add(bytes: Buffer | string): void {
    this.hash.update(bytes);
  }

  beginTable(name: string): void {
    this.table = name;
    this.rows.set(name, 0);
  }

  countRows(count: number): void {
    this.rows.set(this.table, (this.rows.get(this.table) ?? 0) + count);
  }

  /** The last line. To be called once. */
  end(): string {
    return lineOf({ end: { rows: Object.fromEntries(this.rows), sha256: this.hash.digest('hex') } });
  }
}

export function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
