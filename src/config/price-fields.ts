import { isCalendarDay } from './calendar-day';
import { isObject } from './json-file';

/** What is wrong with a value, as words that follow the field's name; undefined for a valid value. */
type Check = (value: unknown) => string | undefined;

const DECIMAL = /^\d{1,9}(?:\.\d{1,6})?$/;
const NAME = /^[^\p{C}\p{Z}*]{1,200}$/u;
/** A name with an optional `*` at its end. */
const PATTERN = /^[^\p{C}\p{Z}*]{1,200}\*?$/u;

/** A rule for a text of a certain form. */
function textOf(pattern: RegExp, message: string): Check {
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : message);
}

/** A rule for an object whose fields have rules of their own. */
function objectOf(fields: Fields, required: readonly string[]): Check {
  return (value) => {
    if (!isObject(value)) return 'must be an object';
    const problems = problemsOfFields(value, fields, required);
    return problems.length === 0 ? undefined : `has errors: ${problems.join(', ')}`;
  };
}

/** A rule for an object from names to decimal numbers. */
const decimalByName: Check = (value) => {
  if (!isObject(value)) return 'must be an object from names to numbers';
  const wrong = Object.entries(value).filter(([, one]) => decimal(one) !== undefined);
  return wrong.length === 0
    ? undefined
    : `has errors: ${wrong.map(([name]) => name).join(', ')} must be numbers`;
};

/** A rule for an amount or a factor: a JSON number, or the same in a text, that is exact in millionths. */
export const decimal: Check = (value) =>
  (typeof value === 'string' || typeof value === 'number') && DECIMAL.test(String(value))
    ? undefined
    : 'must be a number of at most nine digits before and six behind the point';

const day: Check = (value) =>
  typeof value === 'string' && isCalendarDay(value) ? undefined : 'must be a day such as "2026-11-28"';

const names: Check = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string' && PATTERN.test(name))
    ? undefined
    : 'must be a list of names, each without spaces and with a * at its end alone';

const tokens: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? undefined : 'must be a whole number of tokens';

type Fields = Readonly<Record<string, Check>>;

const RATES: Fields = {
  input: decimal,
  output: decimal,
  cache_read: decimal,
  cache_write_5m: decimal,
  cache_write_1h: decimal,
};

/** The rule for each field of a row. */
const FIELDS: Fields = {
  id: textOf(NAME, 'must be a name of 1 to 200 characters without spaces'),
  provider: textOf(NAME, 'must be the id of a provider'),
  model: textOf(NAME, 'must be a name of 1 to 200 characters without spaces and *'),
  aliases: names,
  from: day,
  until: day,
  ...RATES,
  web_search: decimal,
  long_context: objectOf({ above: tokens, ...RATES }, ['above', 'input', 'output']),
  fast: objectOf(RATES, ['input', 'output']),
  service_tiers: decimalByName,
  regions: decimalByName,
  source: textOf(/^\P{C}{1,300}$/u, 'must be a text of 1 to 300 characters'),
  checked: day,
};

/** Returns what is wrong with a row, as phrases that begin with a field's name. */
export function problemsOfRow(row: unknown): string[] {
  if (!isObject(row)) return ['must be an object'];
  return problemsOfFields(row, FIELDS, ['provider', 'model', 'input', 'output']);
}

function problemsOfFields(
  value: Readonly<Record<string, unknown>>,
  fields: Fields,
  required: readonly string[],
): string[] {
  const missing = required.filter((field) => value[field] === undefined);
  const wrong = Object.entries(value).flatMap(([field, one]) => {
    const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
    const problem = check === undefined ? 'is not a field of this format' : check(one);
    return problem === undefined ? [] : [`${field} ${problem}`];
  });
  return [...missing.map((field) => `${field} is missing`), ...wrong];
}
