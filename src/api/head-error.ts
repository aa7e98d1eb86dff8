import { NextFunction, Request, Response } from 'express';
import { ApiException } from './api.exception';

/** The maximum number of headers of one request. Real requests have some dozens, including what gateways add. */
export const MAX_HEADERS = 1_000;

/** A reason why two servers could interpret the head of a request differently. */
export type HeadError = 'two_hosts' | 'too_many_headers';

const ANSWERS: Record<HeadError, () => ApiException> = {
  two_hosts: () =>
    new ApiException('multiple_hosts', 'The request has more than one Host header. Send one Host header.', {
      field: 'host',
    }),
  too_many_headers: () =>
    new ApiException(
      'too_many_headers',
      `The request has more than ${MAX_HEADERS} headers. Send at most ${MAX_HEADERS} headers.`,
    ),
};

/**
 * Returns what makes a request's head ambiguous: a second `Host` (RFC 9112 3.2), of which node:http reads only the first,
 * or more headers than any real request has.
 * @param raw alternating names and values, as node:http provides them. `maxHeadersCount` must be raised, because by
 * default node:http silently drops everything after 2,000, even a content-length.
 * @returns undefined for an unambiguous head.
 */
export function headError(raw: readonly string[]): HeadError | undefined {
  if (raw.length > 2 * MAX_HEADERS) return 'too_many_headers';
  let hosts = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1 ? 'two_hosts' : undefined;
}

/** Express middleware that refuses such requests to the API, the pages and the health endpoints. */
export function refuseAmbiguousHeads(request: Request, _response: Response, next: NextFunction): void {
  const error = headError(request.rawHeaders);
  if (error === undefined) next();
  else next(ANSWERS[error]());
}
