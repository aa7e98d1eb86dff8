import { headError, MAX_HEADERS } from './head-error';

const headers = (count: number): string[] => Array.from({ length: count }, () => ['a', '1']).flat();

describe('headError', () => {
  it.each([
    [[], undefined],
    [['host', 'a', 'x-host', 'b', 'hos', 'c'], undefined],
    [['Host', 'a', 'hOST', 'a'], 'two_hosts'],
    [['x', 'host', 'y', 'host'], undefined],
    [headers(MAX_HEADERS), undefined],
    [headers(MAX_HEADERS + 1), 'too_many_headers'],
  ])('%j', (raw, expected) => {
    expect(headError(raw)).toBe(expected);
  });
});
