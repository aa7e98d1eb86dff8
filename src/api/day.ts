import { isDay } from '../config/calendar-day';
import { fieldRule } from './field-rule';

/** The rule for a field that is a day. */
export const IsDay = (): PropertyDecorator =>
  fieldRule(['invalid_date'], (field, value) =>
    typeof value === 'string' && isDay(value)
      ? undefined
      : { code: 'invalid_date', message: `${field} must be a day in the form 2026-11-28` },
  );
