import { joinShares, splitToken } from './token-shares';
import { mintToken } from './token';

describe('the shares of a session token', () => {
  it.each([mintToken('tvs'), `tvs_${'0'.repeat(64)}`, `tvs_${'f'.repeat(64)}`, `tvs_00${'f0'.repeat(31)}`])(
    'join to the token %s again',
    (token) => {
      const { cookie, page } = splitToken(token);
      expect(joinShares(cookie, page)).toBe(token);
      expect([cookie, page]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ]);
    },
  );

  it('are others at each split, also of one token', () => {
    const token = mintToken('tvs');
    const [one, other] = [splitToken(token), splitToken(token)];
    expect(new Set([one.cookie, one.page, other.cookie, other.page]).size).toBe(4);
    expect(joinShares(one.cookie, other.page)).not.toBe(token);
  });

  it('have every bit of both from chance: over 512 splits of one token each is set about half the time', () => {
    const set = { cookie: new Array<number>(256).fill(0), page: new Array<number>(256).fill(0) };
    for (let split = 0; split < 512; split += 1) {
      const shares = splitToken(`tvs_${'f'.repeat(64)}`);
      for (const name of ['cookie', 'page'] as const) {
        const bits = BigInt(`0x${shares[name]}`);
        for (let bit = 0; bit < 256; bit += 1) set[name][bit]! += Number((bits >> BigInt(bit)) & 1n);
      }
    }
    // Eight standard deviations to either side: about one run in 10^12 fails by chance.
    for (const count of [...set.cookie, ...set.page]) expect(Math.abs(count - 256)).toBeLessThan(91);
  });

  it.each([
    ['', ''],
    ['0'.repeat(64), ''],
    ['0'.repeat(63), '0'.repeat(64)],
    ['0'.repeat(64), '0'.repeat(65)],
    ['0'.repeat(64), 'F'.repeat(64)],
    ['0'.repeat(64), `${'0'.repeat(64)}\n`],
    [`tvs_${'0'.repeat(64)}`, '0'.repeat(64)],
  ])('are none: %j with %j', (cookie, page) => {
    expect(joinShares(cookie, page)).toBeUndefined();
  });
});
