/** The periods of limits. A rate counts by the minute, an amount of money by one of the others. */
export const SPEND_PERIODS = ['day', 'week', 'month'] as const;
export type SpendPeriod = (typeof SPEND_PERIODS)[number];

/** A period by the calendar in UTC. Times are in milliseconds since 1970; the end is the beginning of the next period. */
export interface PeriodRange {
  readonly start: number;
  readonly end: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday, three days after a Monday. */
const DAYS_AFTER_MONDAY = 3;

/** Returns the period that a moment belongs to. It is computed from the clock, so there is nothing that has to be reset. */
export function periodAt(period: SpendPeriod | 'minute', at: number): PeriodRange {
  switch (period) {
    case 'minute':
      return from(at - (at % MINUTE_MS), MINUTE_MS);
    case 'day':
      return from(at - (at % DAY_MS), DAY_MS);
    case 'week': {
      const day = Math.floor(at / DAY_MS);
      return from((day - ((day + DAYS_AFTER_MONDAY) % 7)) * DAY_MS, 7 * DAY_MS);
    }
    case 'month': {
      const date = new Date(at);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
    }
  }
}

function from(start: number, length: number): PeriodRange {
  return { start, end: start + length };
}
