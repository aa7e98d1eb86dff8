import { daysOfPeriod, readPeriod } from './period';

const read = (query: string) => readPeriod(new URLSearchParams(query));

describe('the period of a page', () => {
  it.each([
    ['', '2026-10-30', '2026-11-28'],
    ['period=30d', '2026-10-30', '2026-11-28'],
    ['period=7d', '2026-11-22', '2026-11-28'],
    ['period=month', '2026-11-01', '2026-11-28'],
    ['period=last-month', '2026-10-01', '2026-10-31'],
    ['from=2026-01-05&to=2026-02-06', '2026-01-05', '2026-02-06'],
    ['period=custom', '2026-10-30', '2026-11-28'],
    ['period=decade', '2026-10-30', '2026-11-28'],
    ['from=yesterday&to=2026-02-06', '2026-10-30', '2026-11-28'],
  ])('%j is from %s to %s', (query, from, to) => {
    expect(daysOfPeriod(read(query), '2026-11-28')).toEqual({ from, to });
  });

  it('of last month is in the year before in January', () => {
    expect(daysOfPeriod(read('period=last-month'), '2027-01-15')).toEqual({
      from: '2026-12-01',
      to: '2026-12-31',
    });
  });
});
