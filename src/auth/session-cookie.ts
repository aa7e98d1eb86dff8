import { IncomingMessage } from 'node:http';
import { CookieOptions, Response } from 'express';
import { parse } from 'cookie';
import { NewSession } from './sessions.service';
import { joinShares, splitToken } from './token-shares';

/** Carries the page's share of a session's token: to the page at sign-in, and back with each of its requests. */
export const PAGE_SHARE_HEADER = 'X-TraceVault-Page-Share';
/** The cookie of earlier versions over http, which held the whole token. */
const OLD_NAME = 'tracevault_session';

/** What a browser's request holds of a session. */
export interface SessionCookie {
  /** Undefined when the cookie came without the page's share. */
  readonly token: string | undefined;
}

/**
 * The browser's way to carry a session: a page never has to hold the token. `__Host-` pins the cookie to this very host
 * over https, so that no sibling subdomain can plant one. Over http a browser sends the cookie to every port of the host;
 * the port in its name only keeps two servers on one host from replacing each other's.
 */
export function cookieName(publicUrl: string, what: 'session' | 'browser' = 'session'): string {
  if (isSecure(publicUrl)) return `__Host-tracevault_${what}`;
  return `tracevault_${what}_${new URL(publicUrl).port || '80'}`;
}

/**
 * Over http the cookie is half of it (docs/decisions/0022): the page keeps the other half in its origin's storage, which
 * knows ports.
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

/** @returns undefined when there is no session cookie. */
export function sessionCookie(request: IncomingMessage, publicUrl: string): SessionCookie | undefined {
  const value = cookiesOf(request)[cookieName(publicUrl)];
  if (value === undefined) return undefined;
  if (isSecure(publicUrl)) return { token: value };
  const page = request.headers[PAGE_SHARE_HEADER.toLowerCase()];
  return { token: typeof page === 'string' ? joinShares(value, page) : undefined };
}

/**
 * Whether a request that a browser authenticated by cookie comes from a page of ours (the defence against cross-site
 * request forgery beside SameSite=Strict). Safe methods change nothing and need no proof. `Sec-Fetch-Site` decides when
 * the browser sends it, as no page can forge it; otherwise the `Origin` must be the public URL's.
 */
export function isSameOrigin({ method = 'GET', headers }: IncomingMessage, publicUrl: string): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === new URL(publicUrl).origin;
}

/** For as long as it lies in a browser, its token goes to every port of the host. */
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
