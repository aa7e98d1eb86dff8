import { json, NextFunction, Request, RequestHandler, Response, text } from 'express';
import { hasBody } from '../exchange/has-body';
import { networkOf } from '../logging/client-address';
import { ApiException } from './api.exception';
import { Attempts } from './attempts';
import { FORM_TYPE, FormEndpoints, formParameters, isForm } from './form-body';
import { OAuthException } from './oauth.exception';

const LIMIT_BYTES = 64 * 1024;
/** The maximum nesting depth. No body of this API nests at all; the rest is margin. */
const MAX_DEPTH = 8;
/**
 * The maximum total number of fields and elements, each of which costs the validator time. The largest body of this API
 * has six.
 */
const MAX_FIELDS = 64;
/** The maximum number of refused bodies a minute from one network; the same as the limit of a handler. */
const MAX_REFUSED = 300;
const parseJson = json({ limit: LIMIT_BYTES, strict: true, type: 'application/json' });
const parseForm = text({ limit: LIMIT_BYTES, type: FORM_TYPE });

/**
 * Express middleware that parses bodies under /api: small JSON, and at some endpoints a form. It must not be mounted for
 * the proxy, whose bodies are never parsed.
 */
export function jsonBody(rateLimits: boolean, forms: FormEndpoints): RequestHandler {
  const refused = new Attempts(MAX_REFUSED, rateLimits); // refused bodies reach no handler, and so no handler's limit
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
      refuse(413); // at once, and not after the whole body has arrived
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
 * Returns whether a body or a query stays within the maximum depth and number of fields, has no field that every object
 * has (`__proto__`, `constructor`, `toString`) and no lone surrogate. Deep nesting makes class-transformer overflow the
 * stack, and it silently drops such fields.
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

/** Creates the error for a body, with our own message: the parser's would quote the body, which can hold a key. */
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
