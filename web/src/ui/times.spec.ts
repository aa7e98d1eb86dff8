import { changesIn, exactTime, relativeTime } from './times';

const NOW = Date.parse('2026-11-28T12:00:00Z');

describe('times as pages show them', () => {
  it.each([
    ['2026-11-28T12:00:00Z', 'just now'],
    ['2026-11-28T11:59:01Z', 'just now'],
    ['2026-11-28T12:00:30Z', 'in a moment'],
    ['2026-11-28T11:57:00Z', '3 min. ago'],
    ['2026-11-28T09:10:00Z', '2 hr. ago'],
    ['2026-11-26T11:00:00Z', '2 days ago'],
    ['2026-12-03T12:00:01Z', 'in 5 days'],
    ['2026-08-01T12:00:00Z', '3 mo. ago'],
    ['2024-08-01T12:00:00Z', '2 yr. ago'],
  ])('%s is %s', (at, text) => {
    expect(relativeTime(at, NOW)).toBe(text);
  });

  it.each([
    ['UTC', 'Nov 28, 2026, 12:00:05 UTC'],
    ['Asia/Kolkata', 'Nov 28, 2026, 17:30:05 GMT+5:30'],
  ])('the exact time names the zone, as in %s', (zone, text) => {
    expect(exactTime('2026-11-28T12:00:05Z', zone)).toBe(text);
  });

  it('a recent time is brought up to date more often', () => {
    expect(changesIn('2026-11-28T11:59:00Z', NOW)).toBeLessThan(changesIn('2026-11-27T12:00:00Z', NOW));
  });
});
