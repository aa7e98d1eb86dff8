import { ApiException } from './api.exception';

/** The place in a list, the newest first, behind a row: the next page begins there. */
export interface Cursor {
  /** In ISO 8601, to the millisecond. */
  readonly at: string;
  readonly id: string;
}

/** Returns the cursor of the page behind a row, as a text. */
export function cursorBehind({ at, id }: { readonly at: Date; readonly id: string }): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

/**
 * Reads a cursor.
 * @param idPattern what the ids of the list's rows look like.
 * @throws ApiException (invalid_cursor) for a text that cursorBehind() has not returned.
 */
export function readCursor(text: string | undefined, idPattern = /^\w{1,64}$/): Cursor | undefined {
  if (text === undefined) return undefined;
  const [, at, id] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+)$/.exec(
      Buffer.from(text, 'base64url').toString('latin1'),
    ) ?? [];
  if (at === undefined || id === undefined || !isMoment(at) || !idPattern.test(id))
    throw new ApiException('invalid_cursor', ['cursor must be the next_cursor of a page of this list'], {
      field: 'cursor',
    });
  return { at, id };
}

/** Tells whether a text is a moment as a cursor has it, and not the 30th of February. */
function isMoment(text: string): boolean {
  const time = Date.parse(text);
  return time >= 0 && new Date(time).toISOString() === text;
}
