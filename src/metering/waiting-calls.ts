import { CallRow } from './call-row';

/** Rows that wait for the database, in a file. */
export interface Segment {
  readonly path: string;
  readonly bytes: number;
  /** The number of rows. */
  readonly count: number;
}

/** Calls that wait for the database: in memory, in a file, or in both. */
export interface WaitingCalls {
  readonly rows: readonly CallRow[] | undefined;
  readonly segment: Segment | undefined;
  /** When the first of them ended, in milliseconds since 1970. */
  readonly since: number;
}

/** Returns when a call ended, in milliseconds since 1970. */
export function endOf({ at, ms }: CallRow): number {
  return Date.parse(at) + ms;
}

export function countOf({ rows, segment }: WaitingCalls): number {
  return rows?.length ?? segment?.count ?? 0;
}
