import type { components } from './schema';

export type ErrorCode = components['schemas']['ErrorCode'];

/** One error of a response, with a message for the user. */
interface ErrorItem {
  /** The API's name of the invalid field. */
  readonly field?: string;
  /** The error code; undefined when the response did not come from the API, or there was none. */
  readonly code?: ErrorCode;
  readonly message: string;
}

/** The error of a failed request. */
export interface ApiError {
  /** The HTTP status; 0 when there was no response. */
  readonly status: number;
  readonly errors: readonly ErrorItem[];
}

export const NO_ANSWER: ApiError = {
  status: 0,
  errors: [
    {
      message: 'TraceVault can’t be reached. Check your connection and that the server runs, then try again.',
    },
  ],
};

/** Returns the error of a response. @param body the parsed body, in the API's format or, from an intermediary, in any other. */
export function refusalOf(status: number, body: unknown): ApiError {
  const listed = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : undefined;
  const errors = Array.isArray(listed) ? listed.filter(isErrorItem) : [];
  if (errors.length > 0) return { status, errors };
  const message = `Something between this page and TraceVault answered with ${status}. Try again in a moment.`;
  return { status, errors: [{ message }] };
}

function isErrorItem(value: unknown): value is ErrorItem {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

/** Whether one of the errors has one of these codes. */
export function isBecause({ errors }: ApiError, ...codes: readonly ErrorCode[]): boolean {
  return errors.some(({ code }) => code !== undefined && codes.includes(code));
}

/**
 * Assigns the messages to the fields of a form; the `rest` is for the form as a whole.
 * @param about the API's name of each field of the form.
 */
export function atFields<Field extends string>(
  { errors }: ApiError,
  about: Readonly<Record<Field, string>>,
): { fields: Partial<Record<Field, string>>; rest: string[] } {
  const fields: Partial<Record<Field, string>> = {};
  const rest: string[] = [];
  for (const { field, message } of errors) {
    const name = (Object.keys(about) as Field[]).find((one) => about[one] === field);
    if (name === undefined) rest.push(message);
    else fields[name] ??= message;
  }
  return { fields, rest };
}
