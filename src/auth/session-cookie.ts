import { IncomingMessage } from 'node:http';
import { CookieOptions, Response } from 'express';
import { parse } from 'cookie';
import { NewSession } from './sessions.service';
import { joinShares, splitToken } from './token-shares';

/** The header that carries the page's share of a session token: to the page at sign-in, and back with each of its requests. */
export const PAGE_SHARE_HEADER = 'X-TraceVault-Page-Share';
/** The cookie of earlier versions over http, which held the whole token. */
const OLD_NAME = 'tracevault_session';

/** The session that a browser's request presents by cookie. */
export interface SessionCookie {
  /** The session token; undefined when the cookie came without the page's share. */
  readonly token: string | undefined;
}

/**
 * Returns the name of a cookie. A browser carries a session in a cookie, so that a page never holds the token. Over https,
 * `__Host-` binds the cookie to this host, so that no sibling subdomain can plant one. Over http, a browser sends the
 * cookie to every port of the host; the port in the name only keeps two servers on one host from overwriting each other's
 * cookie.
 */
export function cookieName(publicUrl: string, what: 'session' | 'browser' = 'session'): string {
  if (isSecure(publicUrl)) return `__Host-tracevault_${what}`;
  return `tracevault_${what}_${new URL(publicUrl).port || '80'}`;
}

/**
 * Sets the session cookie. Over http it holds only half of the token (docs/decisions/0022): the page keeps the other half
 * in its origin's storage, which is separate for each port.
 */
export function setSessionCookie(
  response: Response,
  publicUrl: string,
  { token, expiresAt }: NewSession,
): void {
  const options = { ...attributes(publicUrl), expires: expiresAt };
  if (isSecure(publicUrl)) {
    response.cookie(cookieName(publicUrl), token, options);
    return;
  }
  const { cookie, page } = splitToken(token);
  response.cookie(cookieName(publicUrl), cookie, options);
  response.setHeader(PAGE_SHARE_HEADER, page);
  clearOldCookie(response, publicUrl);
}

export function clearSessionCookie(response: Response, publicUrl: string): void {
  response.clearCookie(cookieName(publicUrl), attributes(publicUrl));
  clearOldCookie(response, publicUrl);
}

/** Returns the session that a request presents by cookie, or undefined when there is no session cookie. */
export function sessionCookie(request: IncomingMessage, publicUrl: string): SessionCookie | undefined {
  const value = cookiesOf(request)[cookieName(publicUrl)];
  if (value === undefined) return undefined;
  if (isSecure(publicUrl)) return { token: value };
  const page = request.headers[PAGE_SHARE_HEADER.toLowerCase()];
  return { token: typeof page === 'string' ? joinShares(value, page) : undefined };
}

/**
 * Returns whether a request that was authenticated by cookie comes from a page of this server: the defence against
 * cross-site request forgery in addition to SameSite=Strict. Safe methods change nothing and need no check.
 * `Sec-Fetch-Site` decides when the browser sends it, because no page can forge it; otherwise the `Origin` must be that of
 * the public URL.
 */
export function isSameOrigin({ method = 'GET', headers }: IncomingMessage, publicUrl: string): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === new URL(publicUrl).origin;
}

/** Clears the cookie of earlier versions. As long as a browser keeps it, its token is sent to every port of the host. */
function clearOldCookie(response: Response, publicUrl: string): void {
  if (OLD_NAME in cookiesOf(response.req)) response.clearCookie(OLD_NAME, attributes(publicUrl));
}

function cookiesOf({ headers }: IncomingMessage): Partial<Record<string, string>> {
  return headers.cookie === undefined ? {} : parse(headers.cookie);
}

function attributes(publicUrl: string): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure: isSecure(publicUrl), path: '/' };
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}
