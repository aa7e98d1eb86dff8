import { CREDENTIAL_PREFIXES } from '../config/credential-shapes';
import { loggedPath } from './logged-path';

describe('loggedPath', () => {
  it.each([
    ['/v1/messages?token=tvs_1', '/v1/messages'],
    ['/a#b', '/a'],
    ['/proxy/anthropic/tvs_0123/x', '/proxy/anthropic/tvs_[redacted]/x'],
    ['/proxy/anthropic/tvp_0123/x', '/proxy/anthropic/tvp_[redacted]/x'],
    ['/api/v1/tvd_0123', '/api/v1/tvd_[redacted]'],
    ['/x/TVS_0123', '/x/tvs_[redacted]'],
    ['/x/tvs-0123', '/x/tvs_[redacted]'],
    ['/x/sk-ant-api03-abc', '/x/sk-ant-[redacted]'],
    ['/x/sk-proj-abc/sk-or-v1-abc', '/x/sk-[redacted]/sk-[redacted]'],
    ['/x/AIzaSyAbc', '/x/AIza[redacted]'],
    // Percent-encoded in any part, once or several times.
    ['/x/tvk%5f0123', '/x/tvk_[redacted]'],
    ['/x/%74vs_0123', '/x/tvs_[redacted]'],
    ['/x/%54%56%53%5F0123', '/x/tvs_[redacted]'],
    ['/x/%2574%2576%2573%255f0123', '/x/tvs_[redacted]'],
    ['/x/%252525252574vs_0123', '/x/tvs_[redacted]'],
    ['/x/s%6B-proj-abc', '/x/sk-[redacted]'],
    ['/x/%41Iza%53yAbc', '/x/AIza[redacted]'],
    // Preceded by other text, which is kept.
    ['/x/Bearer%20tvs_0123', '/x/Bearer%20tvs_[redacted]'],
    ['/x/key=sk-proj-abc', '/x/key=sk-[redacted]'],
    ['/x/Bearer%20sk-proj-abc', '/x/Bearer%20sk-[redacted]'],
    ['/x/abctvs_0123', '/x/abctvs_[redacted]'],
    ['/x/abcsk-ant-0123', '/x/abcsk-ant-[redacted]'],
    // Not a secret.
    ['/v1/task-1/disk-2/risk-3', '/v1/task-1/disk-2/risk-3'],
    ['/v1/maizal/tvs/%74vs', '/v1/maizal/tvs/%74vs'],
    ['/v1/%zz/%7/%', '/v1/%zz/%7/%'],
    [`/${'a'.repeat(1000)}`, `/${'a'.repeat(511)}`],
    [`/${'a'.repeat(505)}/tvs_01`, `/${'a'.repeat(505)}/tvs_[redacted]`],
  ])('%s is logged as %s', (target, path) => {
    expect(loggedPath(target)).toBe(path);
  });

  it.each(CREDENTIAL_PREFIXES)('cuts what begins with $prefix, wherever it stands', ({ prefix }) => {
    for (const before of ['/', '/x/', '/x,', '/%20', '//'])
      expect(loggedPath(`${before}${prefix}CANARY/y`)).toBe(`${before}${prefix}[redacted]/y`);
  });
});
