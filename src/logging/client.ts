import { IncomingHttpHeaders } from 'node:http';
import { displayable } from './display-text';

const MAX_LENGTH = 256;

/**
 * Returns the client's `user-agent` in a form that is safe to store and display: at most 256 characters, with a `?` for each
 * invisible one, since some of these break PostgreSQL and terminals.
 * @returns null when the header is missing or empty.
 */
export function clientOf({ 'user-agent': said }: IncomingHttpHeaders): string | null {
  return clientName(said);
}

/** Returns a client's name from another source in the same form. */
export function clientName(said: string | undefined): string | null {
  return displayable(said?.slice(0, MAX_LENGTH) ?? '') || null;
}
