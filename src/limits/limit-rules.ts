import { fieldRule } from '../api/field-rule';

/** The largest amount, in US dollars: below it, amounts in billionths are exact. */
const MAX_USD = 1_000_000;
const MAX_PER_MINUTE = 1_000_000_000;
const MAX_PATTERNS = 100;
const PATTERN = /^[\x21-\x7e]{1,128}$/;

/** What may pass in a minute; at least one of both is given. */
export interface PerMinute {
  readonly requests?: number | null;
  readonly tokens?: number | null;
}

/** Validates an amount of money as a decimal number of US dollars with at most two decimals, in a text. */
export const IsAmount = (): PropertyDecorator =>
  fieldRule(['invalid_amount'], (field, value) =>
    typeof value === 'string' && /^\d{1,7}(?:\.\d{1,2})?$/.test(value) && Number(value) <= MAX_USD
      ? undefined
      : {
          code: 'invalid_amount',
          message: `${field} must be a text like "25.00": US dollars with at most two decimals, from 0 to ${MAX_USD}`,
        },
  );

/** Validates the numbers of requests and tokens that may pass in a minute. */
export const IsPerMinute = (): PropertyDecorator =>
  fieldRule(['invalid_rate'], (field, value) =>
    isPerMinute(value)
      ? undefined
      : {
          code: 'invalid_rate',
          message: `${field} must be an object with requests, tokens or both: whole numbers from 1 to ${MAX_PER_MINUTE}`,
        },
  );

/** Validates a list of patterns of models. */
export const IsPatterns = (): PropertyDecorator =>
  fieldRule(['invalid_pattern'], (field, value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_PATTERNS &&
    value.every((one) => typeof one === 'string' && PATTERN.test(one))
      ? undefined
      : {
          code: 'invalid_pattern',
          message: `${field} must be a list of 1 to ${MAX_PATTERNS} models, as "claude-opus-4-8" or "claude-haiku-*"`,
        },
  );

/** Validates a moment in ISO 8601 that is yet to come. */
export const IsFutureTime = (): PropertyDecorator =>
  fieldRule(['invalid_time'], (field, value) =>
    typeof value === 'string' && TIME.test(value) && Date.parse(value) > Date.now()
      ? undefined
      : {
          code: 'invalid_time',
          message: `${field} must be a time to come in the form 2026-12-24T18:00:00Z`,
        },
  );

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

function isPerMinute(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const given = Object.entries(value).filter(([, number]) => number !== null && number !== undefined);
  return (
    given.length > 0 &&
    given.every(
      ([name, number]) =>
        ['requests', 'tokens'].includes(name) &&
        Number.isSafeInteger(number) &&
        (number as number) >= 1 &&
        (number as number) <= MAX_PER_MINUTE,
    )
  );
}
