/** What has its place in a list by time, as calls have. */
interface Timed {
  readonly id: string;
  readonly at: string;
}

/** A part of a list, the newest first, and where it goes on. */
export interface Part<Row> {
  readonly rows: readonly Row[];
  readonly cursor: string | null;
}

const newestFirst = (a: Timed, b: Timed): number =>
  a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1;

/**
 * Adds the newest rows to a list that is shown. If rows may be missing between the two, because more came than were asked for, the
 * list starts again with the newest ones: it never has a gap that nobody sees.
 */
export function withNewest<Row extends Timed>(shown: Part<Row>, newest: Part<Row>): Part<Row> {
  const known = new Set(shown.rows.map(({ id }) => id));
  const added = newest.rows.filter(({ id }) => !known.has(id));
  if (added.length === 0) return shown;
  if (added.length === newest.rows.length && newest.cursor !== null) return newest;
  return { rows: [...added, ...shown.rows].sort(newestFirst), cursor: shown.cursor };
}

/** Adds the next page at the end. */
export function withNext<Row extends Timed>(shown: Part<Row>, next: Part<Row>): Part<Row> {
  const known = new Set(shown.rows.map(({ id }) => id));
  return { rows: [...shown.rows, ...next.rows.filter(({ id }) => !known.has(id))], cursor: next.cursor };
}
