import fc from 'fast-check';
import { reportedDecimal } from './decimal';

describe('a cost that a provider reports', () => {
  it.each([
    [0, '0'],
    [0.00014, '0.00014'],
    [1e-7, '0.0000001'],
    [1.5e-9, '0.0000000015'],
    [1e21, '1000000000000000000000'],
    ['012.50', '12.5'],
    ['1.25e1', '12.5'],
    [-1, undefined],
    ['x', undefined],
    [null, undefined],
    [Infinity, undefined],
  ])('%j is %j', (value, decimal) => {
    expect(reportedDecimal(value)).toBe(decimal);
  });

  it('is the same number as a decimal without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-20, noNaN: true, max: 1e30 }), (value) => {
        const text = reportedDecimal(value)!;
        expect(text).toMatch(/^\d+(\.\d*[1-9])?$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });
});
