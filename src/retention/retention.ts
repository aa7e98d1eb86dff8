/** The injection token for the RetentionRows of all modules, which app.module.ts collects. */
export const RETENTION = Symbol('RETENTION');

export const DAY_MS = 86_400_000;

/** The retention of one table: its rows are deleted when they are old. The table must have a column "id". */
export interface RetentionRow {
  readonly table: string;
  /** The SQL column or expression with the time at which a row's retention begins. */
  readonly column: string;
  /** The length of the retention from that time on, in milliseconds. */
  readonly keepMs: number;
  /** A setting that is `on` during the deletion, for a table whose trigger refuses all other deletions. */
  readonly setting?: string;
}
