import { displayable } from '../logging/display-text';

const MAX_LENGTH = 256;

/** Returns a text from a request or a response in a form that is safe to store and to show. */
export function shown(text: string | undefined): string | null {
  return text === undefined ? null : displayable(text.slice(0, MAX_LENGTH)) || null;
}
