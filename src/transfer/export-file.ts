import { createHash } from 'node:crypto';

/**
 * The name of the export format: lines of JSON. The first is a head; each table has a line with its name and columns, then a
 * line per row; the last line has the number of rows per table and a checksum of all lines before it. A value is its text as
 * PostgreSQL writes it, or null, so that values of any type are restored exactly, to the microsecond and the byte.
 */
export const FORMAT = 'tracevault-export';
/** The version of the format; incremented when an older reader would misread the file. */
export const VERSION = 1;

export interface Head {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The version of TraceVault that wrote the file. */
  readonly written_by: string;
  /** The time of the export (ISO 8601, UTC). */
  readonly written_at: string;
  /** The names of the migrations that had been applied, in order. */
  readonly migrations: readonly string[];
}

export interface TableHead {
  readonly table: string;
  /** The type of each column by its name, in the order of the values in a row. */
  readonly columns: Readonly<Record<string, string>>;
  /** The next value of each column that a sequence fills. */
  readonly next: Readonly<Record<string, string>>;
}

export type Row = readonly (string | null)[];

/** The error for a file that can't be imported, or not into this database. The message says why and what to do. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** Computes the checksum and the number of rows per table while lines are written or read. */
export class Tally {
  private readonly hash = createHash('sha256');
  readonly rows = new Map<string, number>();
  private table = '';

  /** Adds the bytes of a line, newline included; to be called for every line but the last. */
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

  /** Returns the last line of the file. May be called only once. */
  end(): string {
    return lineOf({ end: { rows: Object.fromEntries(this.rows), sha256: this.hash.digest('hex') } });
  }
}

export function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
