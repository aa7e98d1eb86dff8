import { browserZone, dayAfter, dayOf, daysBetween } from './days';

describe('days', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['America/Argentina/Ushuaia', 'America/Argentina/Ushuaia'],
    ['CET', 'UTC'],
    ['UTC', 'UTC'],
    [undefined, 'UTC'],
  ])('the zone %s is sent as %s', (zone, sent) => {
    expect(zone === undefined ? browserZone('') : browserZone(zone)).toBe(sent);
  });

  it('are those of the zone', () => {
    const time = new Date('2026-11-28T23:30:00Z');
    expect(dayOf(time, 'UTC')).toBe('2026-11-28');
    expect(dayOf(time, 'Asia/Kolkata')).toBe('2026-11-29');
  });

  it('go on over the end of a month and of a year', () => {
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01');
    expect(dayAfter('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysBetween({ from: '2026-11-29', to: '2026-12-02' })).toEqual([
      '2026-11-29',
      '2026-11-30',
      '2026-12-01',
      '2026-12-02',
    ]);
    expect(daysBetween({ from: '2026-11-29', to: '2026-11-28' })).toEqual([]);
  });
});
