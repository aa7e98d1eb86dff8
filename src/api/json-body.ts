import { json, NextFunction, Request, RequestHandler, Response, text } from 'express';
import { hasBody } from '../exchange/has-body';
import { networkOf } from '../logging/client-address';
import { ApiException } from './api.exception';
import { Attempts } from './attempts';
import { FORM_TYPE, FormEndpoints, formParameters, isForm } from './form-body';
import { OAuthException } from './oauth.exception';

const LIMIT_BYTES = 64 * 1024;
/** No body of this API nests at all; this leaves room. */
const MAX_DEPTH = 8;
/** Fields and elements in all; the largest body of this API has six. Whatever validates them asks about each one. */
const MAX_FIELDS = 64;
/** A minute, from one network; as many as a handler answers. */
const MAX_REFUSED = 300;
const parseJson = json({ limit: LIMIT_BYTES, strict: true, type: 'application/json' });
const parseForm = text({ limit: LIMIT_BYTES, type: FORM_TYPE });

/**
 * Bodies under /api are JSON and small; some endpoints take a form as well. Mounted there alone: the proxy's bodies are
 * nobody's to read.
 */
export function jsonBody(rateLimits: boolean, forms: FormEndpoints): RequestHandler {
  const refused = new Attempts(MAX_REFUSED, rateLimits); // they reach no handler, and so no handler's limit
  return (request: Request, response: Response, next: NextFunction): void => {
    const refuse = (status: number, because?: unknown): void => {
      try {
        refused.count(networkOf(request.ip));
      } catch (error) {
        next(error);
        return;
      }
      next(because instanceof OAuthException ? because : refusal(status));
    };
    const { headers } = request;
    const isWithBody = hasBody(request);
    const hasForm = isWithBody && isForm(request, forms);
    if (isWithBody && !hasForm && !request.is('application/json')) {
      refuse(415);
      return;
    }
    if (Number(headers['content-length'] ?? 0) > LIMIT_BYTES) {
      refuse(413); // at once, and not when all of it is in
      return;
    }
    const parse = hasForm ? parseForm : parseJson;
    parse(request, response, (error?: unknown) => {
      if (error !== undefined) {
        refuse((error as { status?: number }).status ?? 400);
        return;
      }
      try {
        if (hasForm) request.body = formParameters(request.body, forms[request.path] ?? []);
      } catch (cause) {
        refuse(400, cause);
        return;
      }
      if (isPlain(request.body)) next();
      else refuse(400);
    });
  };
}

/**
 * Whether a body or a query is no deeper and no larger than that and has no field that every object has (`__proto__`,
 * `constructor`, `toString`): class-transformer overflows the stack on the first and silently drops the others. Half a
 * surrogate pair is no text.
 */
export function isPlain(sent: unknown): boolean {
  let fields = 0;
  const isPlainAt = (depth: number, value: unknown): boolean => {
    if (typeof value === 'string') return !/\p{Cs}/u.test(value);
    if (typeof value !== 'object' || value === null) return true;
    for (const name in value) {
      fields += 1;
      if (fields > MAX_FIELDS || depth === MAX_DEPTH || name in Object.prototype) return false;
      if (!isPlainAt(depth + 1, value[name as keyof typeof value])) return false;
    }
    return true;
  };
  return isPlainAt(0, sent);
}

/** In our own words: the parser's quote the body, and the body can hold a key. */
function refusal(status: number): ApiException {
  switch (status) {
    case 413:
      return new ApiException('body_too_large', 'The body is too large: at most 64 KB.');
    case 415:
      return new ApiException(
        'unsupported_media_type',
        'Send the body as plain UTF-8 JSON, with "Content-Type: application/json".',
      );
    default:
      return new ApiException(
        'invalid_body',
        'The body is not valid JSON, or not of the kind described at /api/docs.',
      );
  }
}
