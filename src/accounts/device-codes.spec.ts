import { isDeviceCode, mintDeviceCode, mintUserCode, normalizeUserCode } from './device-codes';

describe('device codes', () => {
  it('carry their kind and 256 bits', () => {
    expect(mintDeviceCode()).toMatch(/^tvd_[0-9a-f]{64}$/);
    expect(isDeviceCode(mintDeviceCode())).toBe(true);
    expect(isDeviceCode(`${mintDeviceCode()}0`)).toBe(false);
    expect(isDeviceCode(`x${mintDeviceCode()}`)).toBe(false);
    expect(new Set(Array.from({ length: 100 }, mintDeviceCode)).size).toBe(100);
  });
});

describe('user codes', () => {
  it('have eight letters of which none is a vowel or looks like another, in two groups', () => {
    const codes = Array.from({ length: 500 }, mintUserCode);
    for (const code of codes) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(new Set(codes.join('').replaceAll('-', '')).size).toBe(20);
    expect(new Set(codes).size).toBe(500);
  });

  it.each<[string, string | undefined]>([
    ['BCDF-GHJK', 'BCDF-GHJK'],
    ['bcdfghjk', 'BCDF-GHJK'],
    [' bcdf ghjk\n', 'BCDF-GHJK'],
    ['BC-DF-GH-JK', 'BCDF-GHJK'],
    ['BCDF-GHJ', undefined],
    ['BCDF-GHJKL', undefined],
    ['BCDF-GHJA', undefined],
    ['BCDF-GHJ1', undefined],
    ['BCDF_GHJK', undefined],
    ['', undefined],
  ])('%j is read as %s', (typed, code) => {
    expect(normalizeUserCode(typed)).toBe(code);
  });
});
