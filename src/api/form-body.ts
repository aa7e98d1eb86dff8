import { Request } from 'express';
import { OAuthException } from './oauth.exception';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The names of the parameters that an endpoint reads of a form, by the endpoint's path below /api. */
export type FormEndpoints = Readonly<Record<string, readonly string[]>>;

/** As many as a JSON body may have fields. */
const MAX_PARAMETERS = 64;

/**
 * Whether a request's body is a form of an OAuth client, at an endpoint that takes one. Every client but a browser leaves
 * `Origin` out: a web page of another site could send forms here without a preflight, in the name of its visitor's network.
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
 * The parameters of a form that its endpoint reads. Others are left out, as OAuth asks for (RFC 6749 3.1): clients send
 * their `client_id` and a `scope`. One without a value counts as not sent.
 * @throws OAuthException for a parameter that comes twice.
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

/** A form is UTF-8 (the URL standard), whether or not it says so. */
function isUtf8(contentType: string): boolean {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(contentType) ?? [];
  return charset.toLowerCase() === 'utf-8';
}
