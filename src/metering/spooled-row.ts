import { CALL_COLUMNS, CallRow } from './call-row';
import { isObject } from './json';

/** The columns that every row has. A row of an earlier version may lack any other, which is null then. */
const REQUIRED: ReadonlySet<string> = new Set<keyof CallRow>([
  ...(['id', 'at', 'user_id', 'provider', 'endpoint', 'outcome', 'usage_state', 'input_tokens'] as const),
  ...(['cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens', 'output_tokens'] as const),
  ...(['thinking_tokens', 'web_searches', 'ms', 'request_bytes', 'response_bytes'] as const),
]);

const isText = (value: unknown): value is string => typeof value === 'string';
const IS_OF_TYPE: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: isText,
  uuid: (value) => isText(value) && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
  timestamptz: (value) =>
    isText(value) && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  smallint: Number.isSafeInteger,
  integer: Number.isSafeInteger,
  bigint: (value) => Number.isSafeInteger(value) || (isText(value) && /^-?\d{1,19}$/.test(value)),
  jsonb: (value) => typeof value === 'object',
  bytea: (value) => isText(value) && /^\\x(?:[\da-f]{2})*$/.test(value),
};

const TYPES = Object.entries<string>({ ...CALL_COLUMNS, once_key: 'text' });

/** Reads a row from a line of the spool; returns undefined for a line that holds none, as of a file that is damaged. */
export function rowIn(line: string): CallRow | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRow(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRow(value: unknown): value is CallRow {
  if (!isObject(value)) return false;
  return TYPES.every(([name, type]) => {
    const field = value[name] ?? null;
    return field === null ? !REQUIRED.has(name) : IS_OF_TYPE[type]?.(field) === true;
  });
}
