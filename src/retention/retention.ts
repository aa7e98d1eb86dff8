/** The injection token for the RetentionRows of all rooms, which app.module.ts puts together. */
export const RETENTION = Symbol('RETENTION');

export const DAY_MS = 86_400_000;

/** One table whose rows go when they are old. Its rows have an "id". */
export interface RetentionRow {
  readonly table: string;
  /** The column with the time from which on a row is kept, or an expression over columns; SQL. */
  readonly column: string;
  /** How long it is kept from then on, in milliseconds. */
  readonly keepMs: number;
  /** A setting that is `on` for the deletion, for a table whose trigger refuses any other. */
  readonly setting?: string;
}
