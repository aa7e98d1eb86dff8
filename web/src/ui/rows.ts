/** What a cell is sorted and filtered by. */
export type CellValue = string | number | null;

export interface Sorting {
  readonly column: string;
  readonly isDescending: boolean;
}

/** Returns the rows of which one value contains each word of the filter, in any case and order. */
export function filtered<Row>(
  rows: readonly Row[],
  filter: string,
  values: (row: Row) => readonly CellValue[],
): readonly Row[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = values(row).join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Returns the rows in order of a value: numbers by size, texts as people sort them, rows without a value at the end. */
export function sorted<Row>(
  rows: readonly Row[],
  value: (row: Row) => CellValue,
  isDescending: boolean,
): readonly Row[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)));
  });
}

/** Returns how a column is sorted after its heading was pressed: the other way round if it was sorted by it already. */
export function pressed(now: Sorting | undefined, column: string, startsDescending: boolean): Sorting {
  return { column, isDescending: now?.column === column ? !now.isDescending : startsDescending };
}
