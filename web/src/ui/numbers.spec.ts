import { exactCount, money, percent, shortBytes, shortCount } from './numbers';

describe('numbers as pages show them', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [9_999, '9,999'],
    [10_000, '10 k'],
    [12_345, '12.3 k'],
    [999_499, '999 k'],
    [999_500, '1 M'],
    [1_234_567, '1.23 M'],
    [45_600_000_000, '45.6 B'],
    [2e12, '2 T'],
    [-1_234_567, '-1.23 M'],
  ])('%d tokens are %s', (count, text) => {
    expect(shortCount(count)).toBe(text);
  });

  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1 KB'],
    [12_345, '12.3 KB'],
    [999_499, '999 KB'],
    [999_500, '1 MB'],
    [33_554_432, '33.6 MB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(shortBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '$0.00'],
    [0.000_012_345, '$0.0000123'],
    [0.009_99, '$0.00999'],
    [0.01, '$0.01'],
    [0.014_9, '$0.01'],
    [12.345, '$12.35'],
    [1_234.5, '$1,234.50'],
    [-0.5, '-$0.50'],
  ])('%d dollars are %s', (usd, text) => {
    expect(money(usd)).toBe(text);
  });

  it.each([
    [0, '0%'],
    [0.031_4, '3.1%'],
    [0.5, '50%'],
    [1, '100%'],
  ])('a share of %d is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it('an exact count has its thousands apart', () => {
    expect(exactCount(1_234_567)).toBe('1,234,567');
  });
});
