import { table, widthOf } from './table';

describe('a table for a terminal', () => {
  it.each([
    ['', 0],
    ['laptop', 6],
    ['Ünïcode', 7],
    ['e\u0301', 1],
    ['日本', 4],
    ['😀', 2],
  ])('%j takes %d columns', (text, width) => expect(widthOf(text)).toBe(width));

  it('makes each column as wide as it has to be, and ends no line with spaces', () => {
    const rows = [
      ['a', 'x'],
      ['bbb', ''],
      ['日本', 'y'],
    ];
    expect(
      table(
        [
          { title: 'N', max: 10 },
          { title: 'Q', max: 10 },
        ],
        rows,
      ),
    ).toEqual(['N     Q', 'a     x', 'bbb', '日本  y']);
  });

  it('cuts what is too wide for its column, and says so with an ellipsis', () => {
    const lines = table(
      [
        { title: 'N', max: 5 },
        { title: 'Q', max: 5 },
      ],
      [
        ['abcdef', 'abcde'],
        ['日本語x', '1'],
      ],
    );
    expect(lines).toEqual(['N      Q', 'abcd…  abcde', '日本…  1']);
  });

  it('puts numbers below each other by their last digit', () => {
    const columns = [
      { title: 'N', max: 5 },
      { title: 'SUM', max: 5, isNumber: true },
    ];
    const rows = [
      ['a', '7'],
      ['b', '1234'],
    ];
    expect(table(columns, rows)).toEqual(['N   SUM', 'a     7', 'b  1234']);
  });
});
