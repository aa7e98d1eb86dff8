import { IncomingMessage } from 'node:http';

/** Tells whether a request has a body: a chunked one, or one with a length greater than zero. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
