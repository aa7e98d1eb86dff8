import { IncomingMessage } from 'node:http';
import { CookieOptions, Response } from 'express';
import { parse } from 'cookie';
import { NewSession } from './sessions.service';

/**
 * The browser's way to carry a session: a page never has to hold the token. `__Host-` pins the cookie to this very host
 * over https, so that no sibling subdomain can plant one.
 */
function cookieName(publicUrl: string): string {
  return isSecure(publicUrl) ? '__Host-tracevault_session' : 'tracevault_session';
}

export function setSessionCookie(
  response: Response,
  publicUrl: string,
  { token, expiresAt }: NewSession,
): void {
  response.cookie(cookieName(publicUrl), token, { ...attributes(publicUrl), expires: expiresAt });
}

export function clearSessionCookie(response: Response, publicUrl: string): void {
  response.clearCookie(cookieName(publicUrl), attributes(publicUrl));
}

export function sessionCookie(request: IncomingMessage, publicUrl: string): string | undefined {
  const { cookie } = request.headers;
  return cookie === undefined ? undefined : parse(cookie)[cookieName(publicUrl)];
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

function attributes(publicUrl: string): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure: isSecure(publicUrl), path: '/' };
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}
