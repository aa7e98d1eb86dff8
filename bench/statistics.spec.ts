import { median, percentile, spread } from './statistics';

describe('the statistics of the bench', () => {
  it.each([
    [[5], 0.5, 5],
    [[1, 2, 3, 4], 0.5, 2],
    [[4, 1, 3, 2], 0.99, 4],
    [[...Array(100).keys()], 0.99, 98],
    [[], 0.5, NaN],
  ])('percentile of %j at %d is %d', (values, part, expected) => {
    expect(percentile(values, part)).toBe(expected);
  });

  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[], NaN],
  ])('median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('spread is half the range over the median', () => {
    expect(spread([90, 100, 110])).toBeCloseTo(0.1);
    expect(spread([7])).toBe(0);
  });
});
