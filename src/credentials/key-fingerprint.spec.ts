import fc from 'fast-check';
import { fingerprintOf } from './key-fingerprint';

describe('the fingerprint of a key', () => {
  it.each([
    ['sk-ant-api03-0123456789abcdefWXYZ', 'sk-ant-api03…WXYZ'],
    ['sk-ant-0123456789abcdefg', 'sk-ant-01234…defg'], // 24 characters
    ['sk-ant-0123456789abcdef', 'sk-ant-…'], // 23
    ['sk-ant-x', 'sk-ant-…'],
  ])('%s is shown as %s', (key, fingerprint) => {
    expect(fingerprintOf(key, 'sk-ant-')).toBe(fingerprint);
  });

  it('shows no more than sixteen characters, and hides eight at least, whatever the key', () => {
    const secret = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 249 });
    fc.assert(
      fc.property(secret, (rest) => {
        const key = `sk-ant-${rest}`;
        const shown = fingerprintOf(key, 'sk-ant-').replace('…', '').length;
        expect(shown).toBeLessThanOrEqual(16);
        if (shown > 'sk-ant-'.length) expect(key.length - shown).toBeGreaterThanOrEqual(8);
      }),
    );
  });
});
