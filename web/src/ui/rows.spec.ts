import { filtered, pressed, sorted } from './rows';

interface Row {
  readonly name: string;
  readonly spent: number | null;
}
const ROWS: readonly Row[] = [
  { name: 'build 10', spent: 3 },
  { name: 'Build 9', spent: null },
  { name: 'ärger', spent: 20 },
];
const names = (rows: readonly Row[]): string[] => rows.map(({ name }) => name);

describe('the rows of a table', () => {
  it.each([
    ['', ['build 10', 'Build 9', 'ärger']],
    ['BUILD', ['build 10', 'Build 9']],
    ['10 build', ['build 10']],
    ['20', ['ärger']],
    ['nothing', []],
  ])('filtered by %j are %j', (filter, left) => {
    expect(names(filtered(ROWS, filter, ({ name, spent }) => [name, spent]))).toEqual(left);
  });

  it('are sorted by name as people sort, with numbers by their size', () => {
    expect(names(sorted(ROWS, ({ name }) => name, false))).toEqual(['ärger', 'Build 9', 'build 10']);
    expect(names(sorted(ROWS, ({ name }) => name, true))).toEqual(['build 10', 'Build 9', 'ärger']);
  });

  it('are sorted by number, those without one at the end either way', () => {
    expect(names(sorted(ROWS, ({ spent }) => spent, false))).toEqual(['build 10', 'ärger', 'Build 9']);
    expect(names(sorted(ROWS, ({ spent }) => spent, true))).toEqual(['ärger', 'build 10', 'Build 9']);
  });

  it('are sorted the other way round when the same heading is pressed again', () => {
    const first = pressed(undefined, 'spent', true);
    expect(first).toEqual({ column: 'spent', isDescending: true });
    expect(pressed(first, 'spent', true)).toEqual({ column: 'spent', isDescending: false });
    expect(pressed(first, 'name', false)).toEqual({ column: 'name', isDescending: false });
  });
});
