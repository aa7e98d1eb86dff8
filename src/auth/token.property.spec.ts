import fc from 'fast-check';
import { bearerToken, mintToken, ORG_API_KEY, SESSION_TOKEN } from './token';

describe('token parsing, whatever the text', () => {
  it('takes nothing for a session token that is not one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(70), (noise, at) => {
        const token = mintToken('tvs');
        expect(SESSION_TOKEN.test(noise)).toBe(false);
        if (noise !== '')
          expect(SESSION_TOKEN.test(token.slice(0, at) + noise + token.slice(at))).toBe(false);
        expect(SESSION_TOKEN.test(token.slice(0, -1))).toBe(false);
        expect(ORG_API_KEY.test(token)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds in any Authorization header one token without spaces, or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `Bearer ${text}`),
        ),
        (header) => {
          const token = bearerToken(header);
          if (token === undefined) return;
          expect(token).toMatch(/^[^ ]+$/);
          expect(header.toLowerCase().startsWith('bearer ')).toBe(true);
          expect(header).toContain(token);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('gives every well-formed Bearer token back', () => {
    const scheme = fc.constantFrom('Bearer', 'bearer', 'BEARER', 'bEARER');
    fc.assert(
      fc.property(scheme, fc.stringMatching(/^[!-~]{1,80}$/), fc.nat(3), (word, token, spaces) => {
        expect(bearerToken(`${word} ${' '.repeat(spaces)}${token}`)).toBe(token);
      }),
    );
  });
});
