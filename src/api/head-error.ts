import { NextFunction, Request, Response } from 'express';
import { ApiException } from './api.exception';

/** The maximum number of headers that one request may have. Gates and clients add some dozens. */
export const MAX_HEADERS = 1_000;

/** What is wrong with the head of a request that two servers could understand in two ways. */
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
 * Finds what makes a request's head ambiguous: a second `Host` (RFC 9112 3.2), of which node:http reads the first, and more
 * headers than anybody sends.
 * @param raw name, value, name, value, ... as node:http gives them. It must have been told to keep all of them
 * (`maxHeadersCount`): by default it drops what comes after 2,000 in silence, a content-length too.
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

/** Express middleware that refuses such requests in front of the API, the pages and the health endpoints. */
export function refuseAmbiguousHeads(request: Request, _response: Response, next: NextFunction): void {
  const error = headError(request.rawHeaders);
  if (error === undefined) next();
  else next(ANSWERS[error]());
}
