import { Request } from 'express';
import { OAuthException } from './oauth.exception';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The names of the form parameters that an endpoint reads, by the endpoint's path below /api. */
export type FormEndpoints = Readonly<Record<string, readonly string[]>>;

/** The maximum number of form parameters, which equals the maximum number of fields of a JSON body. */
const MAX_PARAMETERS = 64;

/**
 * Returns whether a request's body is a form of an OAuth client, at an endpoint that accepts one. A request with `Origin`
 * comes from a browser and is refused: a page of another site could send forms here without a preflight, at the expense of
 * its visitor's rate limit.
 */
export function isForm(request: Request, endpoints: FormEndpoints): boolean {
  return (
    Object.hasOwn(endpoints, request.path) &&
    request.headers.origin === undefined &&
    request.is(FORM_TYPE) !== false &&
    isUtf8(request.headers['content-type'] ?? '')
  );
}

/**
 * Returns the form parameters that the endpoint reads. Others are ignored, as OAuth requires (RFC 6749 3.1), because
 * clients send `client_id` and `scope`. A parameter without a value counts as omitted.
 * @throws OAuthException for too many parameters, or for one that is sent twice.
 */
export function formParameters(body: unknown, known: readonly string[]): Record<string, string> {
  const sent = [...new URLSearchParams(typeof body === 'string' ? body : '')];
  if (sent.length > MAX_PARAMETERS)
    throw invalid(`The form has too many parameters: at most ${MAX_PARAMETERS}.`);
  if (new Set(sent.map(([name]) => name)).size < sent.length)
    throw invalid('A parameter of the form comes twice. Send each one once.');
  return Object.fromEntries(sent.filter(([name, value]) => known.includes(name) && value !== ''));
}

function invalid(message: string): OAuthException {
  return new OAuthException('invalid_request', message);
}

/** Returns whether the charset is UTF-8, which is also the default of a form (URL standard). */
function isUtf8(contentType: string): boolean {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(contentType) ?? [];
  return charset.toLowerCase() === 'utf-8';
}
