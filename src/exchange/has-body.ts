import { IncomingMessage } from 'node:http';

/** Tells whether a request has a body: one of unknown length (chunks), or of a length above zero. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
