import { mintDeviceCode } from '../src/accounts/device-codes';
import { mintProxyToken } from '../src/auth/proxy-token';
import { mintToken } from '../src/auth/token';
import { OWN_CREDENTIALS, OwnCredential } from '../src/config/credential-shapes';
import { readText } from './support/manifests';

/** The paragraphs of docs/security.md that say what to look for. */
const [, recipe = ''] =
  /\*\*For secret scanners:\*\*([^]*?)\nAn organization's API key/.exec(readText('docs/security.md')) ?? [];
const patterns = [
  ...new Set([...recipe.matchAll(/tv[\w[\]]*_\[0-9a-f\]\{64\}/g)].map(([pattern]) => pattern)),
];

describe('what docs/security.md tells secret scanners to look for', () => {
  it.each(Object.keys(OWN_CREDENTIALS) as OwnCredential[])('finds %s_, by one pattern', (kind) => {
    const minted = kind === 'tvp' ? mintProxyToken() : kind === 'tvd' ? mintDeviceCode() : mintToken(kind);
    const found = patterns.flatMap((pattern) => `key = "${minted}"`.match(new RegExp(pattern)) ?? []);
    expect(found).toEqual([minted]);
  });

  it('finds nothing else', () => {
    for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
      const isOurs = `tv${letter}` in OWN_CREDENTIALS;
      const text = `tv${letter}_${'0'.repeat(64)}`;
      expect([text, patterns.some((pattern) => new RegExp(pattern).test(text))]).toEqual([text, isOurs]);
    }
  });
});
