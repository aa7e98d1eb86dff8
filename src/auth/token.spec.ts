import { bearerToken, hashToken, mintToken, ORG_API_KEY, SESSION_TOKEN } from './token';

describe('tokens', () => {
  it('carry their kind and 256 bits', () => {
    expect(mintToken('tvs')).toMatch(SESSION_TOKEN);
    expect(mintToken('tvk')).toMatch(ORG_API_KEY);
    expect(new Set(Array.from({ length: 100 }, () => mintToken('tvs'))).size).toBe(100);
  });

  it('are hashed whole, prefix included', () => {
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashToken(`tvs_${'0'.repeat(64)}`)).not.toBe(hashToken(`tvk_${'0'.repeat(64)}`));
  });

  it.each([
    [`tvs_${'0'.repeat(64)}`, true],
    [`tvs_${'0'.repeat(63)}`, false],
    [`tvs_${'0'.repeat(65)}`, false],
    [`tvs_${'G'.repeat(64)}`, false],
    [`tvs_${'A'.repeat(64)}`, false],
    [`tvs_${'0'.repeat(64)}\n`, false],
    [` tvs_${'0'.repeat(64)}`, false],
    [`tvk_${'0'.repeat(64)}`, false],
  ])('%j is a session token: %s', (text, expected) => {
    expect(SESSION_TOKEN.test(text)).toBe(expected);
  });

  it.each([
    [`tvk_${'0'.repeat(64)}`, true],
    [`xtvk_${'0'.repeat(64)}`, false],
    [`tvk_${'0'.repeat(65)}`, false],
    [`tvs_${'0'.repeat(64)}`, false],
  ])('%j is an organization’s API key: %s', (text, expected) => {
    expect(ORG_API_KEY.test(text)).toBe(expected);
  });

  it.each<[string | undefined, string | undefined]>([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc  ', 'abc'],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    ['xBearer abc', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('the Authorization %j holds the token %j', (header, expected) => {
    expect(bearerToken(header)).toBe(expected);
  });
});
