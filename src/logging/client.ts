import { IncomingHttpHeaders } from 'node:http';

const LONGEST = 256;

/**
 * What a client calls itself (`user-agent`), fit to be stored and shown: at most 256 characters, and no controls, which
 * PostgreSQL and terminals choke on. Null when it does not say.
 */
export function clientOf({ 'user-agent': said }: IncomingHttpHeaders): string | null {
  return said?.replace(/\p{Cc}/gu, '?').slice(0, LONGEST) || null;
}
