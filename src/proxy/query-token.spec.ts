import fc from 'fast-check';
import { queryToken, withoutQueryTokens } from './query-token';

const NAMES = ['key', '$key'];

describe('a token in the query', () => {
  it.each([
    ['/a?key=t', '/a', 't'],
    ['/a?key=t&b=1', '/a?b=1', 't'],
    ['/a?b=%20+&key=t', '/a?b=%20+', 't'],
    ['/a?b&%6bey=t&c=', '/a?b&c=', 't'],
    ['/a?%6B%65%79=%74&KEY=u', '/a', 't'],
    ['/a?$key=t&%24key=u&x=key=v', '/a?x=key=v', 't'],
    ['/a?key=&key=t', '/a', 't'],
    ['/a?key', '/a', undefined],
    ['/a?', '/a?', undefined],
    ['/a?&', '/a?&', undefined],
    ['/a?keys=1&monkey=2&ke%79s=3', '/a?keys=1&monkey=2&ke%79s=3', undefined],
    ['/a/key=t', '/a/key=t', undefined],
    ['/a%3Fkey=t', '/a%3Fkey=t', undefined],
    ['/a?b=%zz&key=%', '/a?b=%zz', '%'],
  ])('%s is forwarded as %s', (target, forwarded, token) => {
    expect([withoutQueryTokens(target, NAMES), queryToken(target, NAMES)]).toEqual([forwarded, token]);
  });

  it('is only looked for where a provider takes it', () => {
    expect([withoutQueryTokens('/a?key=t', []), queryToken('/a?key=t', [])]).toEqual(['/a?key=t', undefined]);
  });

  const letter = (character: string) =>
    fc.constantFrom(
      character,
      character.toUpperCase(),
      `%${character.charCodeAt(0).toString(16)}`,
      `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const spelled = fc.tuple(letter('k'), letter('e'), letter('y')).map((letters) => letters.join(''));
  const harmless = fc.stringMatching(/^[a-j0-9%+;:@/?-]{1,8}(=[a-zA-Z0-9%+;:@/?=-]{0,8})?$/);
  const secret = 'tvp_secret';

  it('is never forwarded in any spelling, and all else is, in order and to the letter', () => {
    const part = fc.oneof(
      harmless.map((text) => ({ text, isToken: false })),
      spelled.map((name) => ({ text: `${name}=${secret}`, isToken: true })),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const target = `/v1beta/models?${parts.map(({ text }) => text).join('&')}`;
        const others = parts.filter(({ isToken }) => !isToken).map(({ text }) => text);
        const hasToken = others.length < parts.length;
        const query = others.join('&');
        const expected = hasToken && query === '' ? '/v1beta/models' : `/v1beta/models?${query}`;
        expect(withoutQueryTokens(target, NAMES)).toBe(expected);
        expect(queryToken(target, NAMES)).toBe(hasToken ? secret : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
