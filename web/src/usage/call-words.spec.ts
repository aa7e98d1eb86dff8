import { costNote, duration, hasFailed, resultOf, type Call } from './call-words';

describe('a call in words', () => {
  it.each<[number | null, Call['outcome'], string, boolean]>([
    [200, 'completed', '200', false],
    [404, 'completed', '404', true],
    [529, 'completed', '529', true],
    [200, 'client_aborted', 'Client left', false],
    [null, 'client_aborted', 'Client left', false],
    [200, 'upstream_failed', 'Broke off', true],
    [null, 'upstream_failed', 'Broke off', true],
    [413, 'rejected', 'Rejected', true],
  ])('with %s, %s: “%s”, failed: %s', (status, outcome, result, failed) => {
    expect(resultOf({ status, outcome })).toBe(result);
    expect(hasFailed({ status, outcome })).toBe(failed);
  });

  it.each<[string | null, Call['usage_state'], string | undefined]>([
    ['0.1', 'measured', undefined],
    ['0', 'measured', undefined],
    [null, 'measured', 'unpriced'],
    ['0.1', 'estimated', 'estimated'],
    [null, 'estimated', 'unpriced'],
    [null, 'unreadable', 'unreadable'],
    [null, 'none', undefined],
  ])('that cost %s, %s: %s', (cost_usd, usage_state, note) => {
    expect(costNote({ cost_usd, usage_state })).toBe(note);
  });

  it.each([
    [0, '0 ms'],
    [870, '870 ms'],
    [12_345, '12.3 s'],
    [59_900, '59.9 s'],
    [250_400, '4 min 10 s'],
    [3_599_000, '59 min 59 s'],
    [7_510_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
