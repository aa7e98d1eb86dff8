import { labeledDays, largest, ticks, totals } from './chart';

describe('a chart', () => {
  it.each([
    [0, [0]],
    [1, [0, 0.5, 1]],
    [3.2, [0, 1, 2, 3, 4]],
    [4, [0, 1, 2, 3, 4]],
    [97, [0, 50, 100]],
    [0.003, [0, 0.001, 0.002, 0.003]],
    [1_500_000, [0, 500_000, 1_000_000, 1_500_000]],
  ])('marks its axis up to %d with round values', (max, marks) => {
    expect(ticks(max)).toEqual(marks);
  });

  it('shows the largest series first, and sums up those without a colour of their own', () => {
    const series = ['a', 'b', 'c', 'd'].map((name, at) => ({ name, values: [at, 2 * at] }));
    expect(largest(series, 2)).toEqual([
      { name: 'd', values: [3, 6] },
      { name: 'c', values: [2, 4] },
      { name: 'Other', values: [1, 2] },
    ]);
    expect(largest(series, 4).map(({ name }) => name)).toEqual(['d', 'c', 'b', 'a']);
  });

  it('keeps the total of each day', () => {
    const series = ['a', 'b', 'c'].map((name, at) => ({ name, values: [at, 1] }));
    expect(totals(2, series)).toEqual([3, 3]);
    expect(totals(2, largest(series, 1))).toEqual([3, 3]);
    expect(totals(3, [])).toEqual([0, 0, 0]);
  });

  it.each([
    [7, 10, [0, 1, 2, 3, 4, 5, 6]],
    [30, 6, [4, 9, 14, 19, 24, 29]],
    [0, 6, []],
    [3, 0, [2]],
  ])('of %d days with room for %d names them at %j', (days, room, named) => {
    expect(labeledDays(days, room)).toEqual(named);
  });
});
