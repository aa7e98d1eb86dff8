import { daysOf, expiryInWords, expiresSoon, LIVES } from './token-life';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-26T12:00:00.000Z');

describe('the life of a proxy token', () => {
  it('is a number of days, or has no end', () => {
    expect(LIVES.map(([life]) => daysOf(life))).toEqual([30, 90, 365, null]);
  });

  it.each([
    ['that has no end', null, undefined],
    ['that expires in seven days and a moment', 7 * DAY_MS + 1, undefined],
    ['that expires in seven days', 7 * DAY_MS, /^Expires in 7 days\. Create another/],
    ['that expires in less than two days', 2 * DAY_MS - 1, /^Expires in a day\./],
    ['that expires in an hour', 3_600_000, /^Expires within a day\./],
    ['that is just over', 0, /^Expired/],
    ['that has long been over', -DAY_MS, /^Expired/],
  ])('of one %s', (_, left, words) => {
    const told = expiryInWords(left === null ? null : new Date(NOW + left).toISOString(), NOW);
    if (words === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(words);
  });

  it.each([
    [null, false],
    [7 * DAY_MS + 1, false],
    [7 * DAY_MS, true],
    [1, true],
    [0, false],
  ])('with %p ms left ends soon: %p', (left, soon) => {
    expect(expiresSoon(left === null ? null : new Date(NOW + left).toISOString(), NOW)).toBe(soon);
  });
});
