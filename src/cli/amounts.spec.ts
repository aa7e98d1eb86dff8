import { dollars, tokens, whole } from './amounts';

describe('an amount in a table', () => {
  it.each([
    ['0', '$0.00'],
    ['12.345678901', '$12.35'],
    ['1234567.8', '$1,234,567.80'],
    ['0.01', '$0.01'],
    ['0.009999', '$0.01'],
    ['0.00412345', '$0.00412'],
    ['0.000000001', '$0.000000001'],
    ['-0.5', '-$0.50'],
  ])('%s dollars are %s', (exact, text) => expect(dollars(exact)).toBe(text));

  it.each([
    [0, '0'],
    [9_999, '9999'],
    [10_000, '10K'],
    [1_234_567, '1.23M'],
    [9_876_543_210, '9.88B'],
  ])('%d tokens are %s', (count, text) => expect(tokens(count)).toBe(text));

  it('is shown whole where it matters', () => expect(whole(1_234_567)).toBe('1,234,567'));
});
