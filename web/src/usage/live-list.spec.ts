import { withNewest, withNext, type Part } from './live-list';

interface Row {
  readonly id: string;
  readonly at: string;
}
/** Rows by the second of their time, with their own id if it is given. */
const part = (rows: readonly string[], cursor: string | null = null): Part<Row> => ({
  rows: rows.map((name) => ({ id: name, at: `2026-11-28T12:00:0${name[0] ?? ''}Z` })),
  cursor,
});
const ids = ({ rows }: Part<Row>) => rows.map(({ id }) => id);

describe('a list that follows live', () => {
  it('has new rows in their order, each once, and goes on where it did', () => {
    const now = withNewest(part(['5', '3'], 'behind 3'), part(['6', '5', '4', '3'], 'behind 3'));
    expect(ids(now)).toEqual(['6', '5', '4', '3']);
    expect(now.cursor).toBe('behind 3');
  });

  it('is the same one without new rows', () => {
    const shown = part(['5', '3'], 'behind 3');
    expect(withNewest(shown, part(['5'], 'behind 5'))).toBe(shown);
  });

  it('starts again when rows may be missing between', () => {
    const now = withNewest(part(['2', '1']), part(['9', '8'], 'behind 8'));
    expect(ids(now)).toEqual(['9', '8']);
    expect(now.cursor).toBe('behind 8');
  });

  it('is added to when the newest are all that there are', () => {
    expect(ids(withNewest(part([]), part(['9', '8'])))).toEqual(['9', '8']);
  });

  it('has the next page at its end, and rows of one moment in the order of their ids', () => {
    expect(ids(withNext(part(['5', '4'], 'behind 4'), part(['4', '3'])))).toEqual(['5', '4', '3']);
    expect(ids(withNewest(part(['5a']), part(['5b', '5a'])))).toEqual(['5b', '5a']);
  });
});
