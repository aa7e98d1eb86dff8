import { CliError } from './cli-error';
import { PeriodOptions } from './usage-commands';

/** The parameters of a period, as the API names them. */
export interface PeriodQuery {
  readonly from?: string;
  readonly to?: string;
  readonly time_zone: string;
}

/** Returns the period that was typed. @throws CliError (usage) for no such month, or a month beside days. */
export function periodTyped({ month, from, to, timeZone = machineZone() }: PeriodOptions): PeriodQuery {
  if (month === undefined)
    return { ...(from !== undefined && { from }), ...(to !== undefined && { to }), time_zone: timeZone };
  if (from !== undefined || to !== undefined)
    throw new CliError('--month goes without --from and --to.', 'Give either a month or its days.', 2);
  const days = daysOf(month);
  if (days === undefined) throw new CliError('--month takes a month in the form 2026-11.', undefined, 2);
  return { ...days, time_zone: timeZone };
}

/** Returns the first and the last day of a month in the form `2026-11`; undefined for another text. */
export function daysOf(month: string): { readonly from: string; readonly to: string } | undefined {
  if (!/^(?!0000)\d{4}-(0[1-9]|1[0-2])$/.test(month)) return undefined;
  const [year = 0, number = 0] = month.split('-').map(Number);
  return { from: `${month}-01`, to: `${month}-${new Date(Date.UTC(year, number, 0)).getUTCDate()}` };
}

/** Returns the time zone of this machine, or UTC where it is no name that the server takes, such as `CET`. */
export function machineZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone.includes('/') ? timeZone : 'UTC';
}

/** Formats a time in a time zone as `2026-12-23 09:30`. */
export function inZone(iso: string, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(
    Date.parse(iso),
  );
}
