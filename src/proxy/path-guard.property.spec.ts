import fc from 'fast-check';
import { upstreamPath } from './path-guard';

const PREFIX = '/proxy/anthropic';
const dot = fc.constantFrom('.', '%2e', '%2E');
const separator = fc.constantFrom('/', '\\', '%2f', '%2F', '%5c', '%5C');
const text = fc.stringMatching(/^[A-Za-z0-9_~!$&'()*+,;=:@-]{1,12}$/);
/** Path parameters of a segment, which Java servers remove before they resolve the path. */
const parameters = fc.constantFrom('', ';', ';v=1', '%3b', '%3Ba');
const query = fc.option(fc.stringMatching(/^\?[^#\s]{0,30}$/), { nil: '' });

describe('upstreamPath, whatever the path', () => {
  it('lets no spelling of .. pass, wherever it stands', () => {
    const path = fc.tuple(
      fc.array(fc.tuple(text, separator)),
      dot,
      dot,
      parameters,
      fc.array(fc.tuple(separator, text)),
      query,
    );
    fc.assert(
      fc.property(path, ([before, first, second, parameter, after, rest]) => {
        const target = `${PREFIX}/${before.flat().join('')}${first}${second}${parameter}${after.flat().join('')}${rest}`;
        expect(() => upstreamPath(target, PREFIX)).toThrow(expect.objectContaining({ code: 'bad_path' }));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves every harmless path as it is', () => {
    const sanitized = fc.oneof(
      text,
      fc.constantFrom('...', '.', 'a..', '..a', '%2e', '%252e%252e', '%', '%zz', '', '.%2ea'),
    );
    const path = fc.tuple(fc.array(fc.tuple(separator, sanitized)), query);
    fc.assert(
      fc.property(path, ([segments, rest]) => {
        const raw = `/v1${segments.flat().join('')}${rest}`;
        expect(upstreamPath(PREFIX + raw, PREFIX)).toBe(raw);
      }),
      { numRuns: 2000 },
    );
  });

  it('never returns anything but a path of the upstream: it begins with a slash', () => {
    fc.assert(
      fc.property(fc.string(), (target) => {
        for (const candidate of [target, PREFIX + target, `/${target}`]) {
          let path = '/';
          try {
            path = upstreamPath(candidate, PREFIX);
          } catch {
            continue;
          }
          expect(path.startsWith('/')).toBe(true);
          expect(candidate.endsWith(path) || path === `/${candidate.slice(PREFIX.length)}`).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
