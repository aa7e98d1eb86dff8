import { shareInWords, useOf } from './limit-use';

const amounts = (amount_usd: string | null, spent_usd: string | null, reserved_usd = '0') => ({
  amount_usd,
  spent_usd,
  reserved_usd,
});

describe('how much of a limit is used', () => {
  it.each([
    ['25.00', '0', 0, 'fine'],
    ['25.00', '18.749999999', 0.74999999996, 'fine'],
    ['25.00', '18.75', 0.75, 'high'],
    ['25.00', '23.749', 0.94996, 'high'],
    ['25.00', '23.75', 0.95, 'nearly'],
    ['25.00', '24.999999999', 0.99999999996, 'nearly'],
    ['25.00', '25', 1, 'reached'],
    ['25.00', '31.4', 1, 'reached'],
    ['0.00', '0', 1, 'blocked'],
  ] as const)('of %s, %s are %d: %s', (amount, spent, share, level) => {
    const use = useOf(amounts(amount, spent));
    expect(use?.level).toBe(level);
    expect(use?.spent).toBeCloseTo(share, 12);
  });

  it('has what is reserved beside what is spent, and both fit', () => {
    expect(useOf(amounts('10.00', '4', '5'))).toEqual({ spent: 0.4, reserved: 0.5, level: 'fine' });
    expect(useOf(amounts('10.00', '8', '5'))?.reserved).toBeCloseTo(0.2, 12);
  });

  it('is not known of what has no amount', () => {
    expect(useOf(amounts(null, '3'))).toBeUndefined();
    expect(useOf(amounts(null, null))).toBeUndefined();
  });

  it.each([
    [0, '0%'],
    [0.004, 'less than 1%'],
    [0.29, '29%'],
    [0.749, '74%'],
    [0.99999, '99%'],
    [1, '100%'],
  ])('%d is %s, never rounded up', (share, words) => {
    expect(shareInWords(share)).toBe(words);
  });
});
