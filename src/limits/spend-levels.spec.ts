import { reachedLevels } from './spend-levels';

const USD = 1_000_000_000;

describe('reachedLevels', () => {
  it.each([
    [0, 25 * USD, []],
    [0.4 * USD, 15 * USD, []], // 2.7 %
    [18.75 * USD - 1, 25 * USD, []],
    [18.75 * USD, 25 * USD, [75]],
    [23.75 * USD - 1, 25 * USD, [75]],
    [23.75 * USD, 25 * USD, [75, 95]],
    [25 * USD - 1, 25 * USD, [75, 95]],
    [25 * USD, 25 * USD, [75, 95, 100]],
    [26 * USD, 25 * USD, [75, 95, 100]],
    [7_500_000, 0.01 * USD, [75]],
    [999_999_999_999_999, 1_000_000 * USD, [75, 95]],
    [0, 0, []],
    [USD, 0, []],
  ])('%d of %d are %j', (spent, amount, levels) => expect(reachedLevels(spent, amount)).toEqual(levels));
});
