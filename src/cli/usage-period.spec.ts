import { CliError } from './cli-error';
import { inZone, periodTyped } from './usage-period';

describe('the period that a person types', () => {
  it.each([
    [{ month: '2026-11' }, { from: '2026-11-01', to: '2026-11-30' }],
    [{ month: '2028-02' }, { from: '2028-02-01', to: '2028-02-29' }],
    [{ from: '2026-11-05' }, { from: '2026-11-05' }],
    [{}, {}],
  ])('%j is %j', (typed, period) =>
    expect(periodTyped({ ...typed, timeZone: 'Asia/Tokyo' })).toEqual({ ...period, time_zone: 'Asia/Tokyo' }),
  );

  it.each([
    [{ month: '2026-13' }, '--month takes a month'],
    [{ month: '2026-1' }, '--month takes a month'],
    [{ month: 'November' }, '--month takes a month'],
    [{ month: '2026-11', to: '2026-11-05' }, '--month goes without --from and --to.'],
  ])('%j is refused', (typed, words) => {
    expect(() => periodTyped(typed)).toThrow(CliError);
    expect(() => periodTyped(typed)).toThrow(words);
  });

  it('is in the time zone of the machine, by a name that the server takes', () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    expect(['UTC', timeZone]).toContain(periodTyped({}).time_zone);
  });

  it('shows times in its zone', () => {
    expect(inZone('2026-11-28T23:30:00.000Z', 'Asia/Tokyo')).toBe('2026-11-29 08:30');
  });
});
