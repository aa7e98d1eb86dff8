import { dayAfter } from './days';

/** The periods to choose from: value and label. */
export const PERIODS = [
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['month', 'This month'],
  ['last-month', 'Last month'],
  ['custom', 'Custom'],
] as const;
type PeriodChoice = (typeof PERIODS)[number][0];

/** A period in days, both included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** A period as the address names it: by a choice, or by its days. */
export interface PeriodInAddress {
  readonly choice: PeriodChoice;
  readonly from: string;
  readonly to: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Reads the period of an address; anything that is none means the last 30 days. */
export function readPeriod(query: URLSearchParams): PeriodInAddress {
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  if (DAY.test(from) && DAY.test(to)) return { choice: 'custom', from, to };
  const choice = PERIODS.map(([value]) => value).find((value) => value === query.get('period'));
  return { choice: choice === undefined || choice === 'custom' ? '30d' : choice, from: '', to: '' };
}

/** Returns the days of a period. */
export function daysOfPeriod({ choice, from, to }: PeriodInAddress, today: string): Period {
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  switch (choice) {
    case '7d':
      return { from: dayAfter(today, -6), to: today };
    case '30d':
      return { from: dayAfter(today, -29), to: today };
    case 'month':
      return { from: firstOfMonth, to: today };
    case 'last-month': {
      const last = dayAfter(firstOfMonth, -1);
      return { from: `${last.slice(0, 7)}-01`, to: last };
    }
    case 'custom':
      return { from, to };
  }
}
