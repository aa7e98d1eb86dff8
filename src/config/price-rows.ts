import { isObject } from './json-file';
import { problemsOfRow } from './price-fields';
import { PriceRow } from './price-row';

interface PriceRows {
  readonly rows: readonly PriceRow[];
  /** All errors, each naming its row and field. */
  readonly problems: readonly string[];
}

/** What a list of rows has to fit. */
interface Expected {
  /** The ids of the providers that rows may be for. */
  readonly providers: readonly string[];
  /** The prefix of the ids of rows that have none. */
  readonly idPrefix: string;
  /** The source of rows that have none. */
  readonly source: string;
}

/** Reads the rows of a price table, the product's or the operator's. */
export function readPriceRows(list: unknown, expected: Expected): PriceRows {
  if (!Array.isArray(list)) return { rows: [], problems: ['prices must be a list'] };
  const problems = list.flatMap((row: unknown, index) =>
    [...problemsOfRow(row), ...unknownProvider(row, expected.providers)].map(
      (problem) => `${labelOf(row, index)}: ${problem}`,
    ),
  );
  if (problems.length > 0) return { rows: [], problems };
  const rows = list.map((row) => rowOf(row as PriceRow, expected));
  const conflicts = [...emptyPeriods(rows), ...repeatedIds(rows), ...overlaps(rows)];
  return { rows: conflicts.length > 0 ? [] : rows, problems: conflicts };
}

/** Completes a row without errors, and converts its JSON numbers, whose shortest form is exact, into texts. */
function rowOf(row: PriceRow, { idPrefix, source }: Expected): PriceRow {
  const since = row.from === undefined ? '' : `@${row.from}`;
  const id = `${idPrefix}${row.provider}/${row.model}${since}`;
  const text = JSON.stringify(Object.assign({ id, source }, row), (key, value: unknown) =>
    typeof value === 'number' && key !== 'above' ? String(value) : value,
  );
  return JSON.parse(text) as PriceRow;
}

function unknownProvider(row: unknown, providers: readonly string[]): string[] {
  const provider = isObject(row) ? row.provider : undefined;
  return typeof provider !== 'string' || providers.includes(provider)
    ? []
    : [`provider must be one of ${providers.join(', ')}`];
}

function emptyPeriods(rows: readonly PriceRow[]): string[] {
  return rows.flatMap((row, index) =>
    row.from !== undefined && row.until !== undefined && row.from >= row.until
      ? [`${labelOf(row, index)}: until must be after from`]
      : [],
  );
}

function repeatedIds(rows: readonly PriceRow[]): string[] {
  return rows.flatMap((row, index) => {
    const first = rows.findIndex(({ id }) => id === row.id);
    return first < index ? [`${labelOf(row, index)}: id is that of ${labelOf(row, first)}`] : [];
  });
}

/** Finds rows for the same model at the same time, by name or alias: it would be left to chance which one applies. */
function overlaps(rows: readonly PriceRow[]): string[] {
  const byName = new Map<string, [row: PriceRow, index: number][]>();
  const problems = rows.flatMap((row, index) =>
    namesOf(row).flatMap((name) => {
      const others = byName.get(name) ?? [];
      byName.set(name, [...others, [row, index]]);
      return others
        .filter(([other]) => isTogether(row, other))
        .map(
          ([other, place]) =>
            `${labelOf(row, index)}: model and period overlap with ${labelOf(other, place)}`,
        );
    }),
  );
  return [...new Set(problems)];
}

function namesOf({ provider, model, aliases = [] }: PriceRow): string[] {
  return [...new Set([model, ...aliases].map((name) => `${provider} ${name.toLowerCase()}`))];
}

function isTogether(one: PriceRow, other: PriceRow): boolean {
  return (
    (one.until === undefined || other.from === undefined || other.from < one.until) &&
    (other.until === undefined || one.from === undefined || one.from < other.until)
  );
}

/** Names a row by its place and, where it has one, its model. */
function labelOf(row: unknown, index: number): string {
  const model = isObject(row) ? row.model : undefined;
  const name = typeof model === 'string' && /^[\w.:@/-]{1,100}$/.test(model) ? ` (${model})` : '';
  return `prices[${index}]${name}`;
}
