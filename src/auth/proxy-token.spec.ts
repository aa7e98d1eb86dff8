import fc from 'fast-check';
import { isProxyToken, maskProxyToken, mintProxyToken } from './proxy-token';

describe('a proxy token', () => {
  it('is tvp_ and 64 hex digits, and never the same twice', () => {
    const tokens = Array.from({ length: 1_000 }, mintProxyToken);
    for (const token of tokens) expect(token).toMatch(/^tvp_[0-9a-f]{64}$/);
    expect(new Set(tokens).size).toBe(1_000);
    expect(tokens.every(isProxyToken)).toBe(true);
  });

  it('is known by the CRC-32 of what stands before its last eight digits', () => {
    // The checksum was computed with Python 3's zlib.crc32, to show that a secret scanner needs no code of ours.
    expect(isProxyToken(`tvp_${'0'.repeat(56)}5f615174`)).toBe(true);
    expect(isProxyToken(`tvp_${'0123456789abcdef'.repeat(3)}01234567886304d3`)).toBe(true);
  });

  it.each([
    ['of another kind', `tvs_${'0'.repeat(56)}5f615174`],
    ['in capitals', `TVP_${'0'.repeat(56)}5f615174`],
    ['a digit short', `tvp_${'0'.repeat(55)}5f615174`],
    ['with something behind it', `tvp_${'0'.repeat(56)}5f615174 `],
    ['with a line before it', `\ntvp_${'0'.repeat(56)}5f615174`],
    ['empty', ''],
  ])('is not a text %s', (_, text) => {
    expect(isProxyToken(text)).toBe(false);
  });

  it('shows four digits at either end, and hides the other 56', () => {
    expect(maskProxyToken(`tvp_${'0123456789abcdef'.repeat(3)}01234567886304d3`)).toBe('tvp_0123\u202604d3');
    for (let count = 0; count < 100; count++) {
      const token = mintProxyToken();
      const [, front = '', back = ''] =
        /^tvp_([0-9a-f]{4})\u2026([0-9a-f]{4})$/.exec(maskProxyToken(token)) ?? [];
      expect([token.startsWith(`tvp_${front}`), token.endsWith(back)]).toEqual([true, true]);
    }
  });

  it('is none any more when a digit is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 67 }), fc.integer({ min: 1, max: 15 }), (at, by) => {
        const token = mintProxyToken();
        const digit = ((parseInt(token[at]!, 16) + by) % 16).toString(16);
        expect(isProxyToken(token.slice(0, at) + digit + token.slice(at + 1))).toBe(false);
      }),
    );
  });
});
