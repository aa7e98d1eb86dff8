import { IncomingHttpHeaders } from 'node:http';
import { displayable } from './display-text';

const MAX_LENGTH = 256;

/**
 * What a client calls itself (`user-agent`), fit to be stored and shown: at most 256 characters, and none that nobody
 * sees, which PostgreSQL and terminals choke on as well. Null when it does not say.
 */
export function clientOf({ 'user-agent': said }: IncomingHttpHeaders): string | null {
  return clientName(said);
}

/** The same for a name that a client gave in another way. */
export function clientName(said: string | undefined): string | null {
  return displayable(said?.slice(0, MAX_LENGTH) ?? '') || null;
}
