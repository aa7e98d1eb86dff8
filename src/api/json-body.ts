import { HttpException } from '@nestjs/common';
import { json, NextFunction, Request, Response } from 'express';

const LIMIT_BYTES = 64 * 1024;
/** No body of this API nests at all; this leaves room. */
const DEEPEST = 8;
const parse = json({ limit: LIMIT_BYTES, strict: true, type: 'application/json' });

/** Bodies under /api are JSON and small. Mounted there alone: the proxy's bodies are nobody's to read. */
export function jsonBody(request: Request, response: Response, next: NextFunction): void {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (hasBody && !request.is('application/json')) {
    next(refusal(415));
    return;
  }
  if (Number(headers['content-length'] ?? 0) > LIMIT_BYTES) {
    next(refusal(413)); // at once, and not when all of it is in
    return;
  }
  parse(request, response, (error?: unknown) => {
    if (error !== undefined) next(refusal((error as { status?: number }).status ?? 400));
    else next(isPlain(request.body, DEEPEST) ? undefined : refusal(400));
  });
}

/**
 * Whether it is no deeper than that and has no field that every object has (`__proto__`, `constructor`, `toString`):
 * class-transformer overflows the stack on the first and silently drops the others. Half a surrogate pair is no text.
 */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !/\p{Cs}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(
    ([name, field]) => depth > 0 && !(name in Object.prototype) && isPlain(field, depth - 1),
  );
}

/** In our own words: the parser's quote the body, and the body can hold a key. */
function refusal(status: number): HttpException {
  return new HttpException(message(status), status);
}

function message(status: number): string {
  switch (status) {
    case 413:
      return 'The body is too large: at most 64 KB of JSON.';
    case 415:
      return 'Send the body as plain UTF-8 JSON, with "Content-Type: application/json".';
    default:
      return 'The body is not valid JSON, or not of the kind described at /api/docs.';
  }
}
