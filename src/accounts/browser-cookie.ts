import { parse } from 'cookie';
import { CookieOptions, Response } from 'express';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { cookieName } from '../auth/session-cookie';
import { UserEntity } from '../auth/user.entity';

const DAY_MS = 86_400_000;
const DAYS = 365;
const NONCE_BYTES = 16;

type Owner = Pick<UserEntity, 'id' | 'passwordHash'>;

/**
 * Sets a cookie that marks a browser in which the user has signed in (OWASP's device cookie), so that the user can still
 * sign in there while strangers guess at the password. The cookie grants no access. It is an HMAC keyed with the stored
 * password hash, so it needs no secret of its own and is invalidated by a password change.
 */
export function setBrowserCookie(response: Response, publicUrl: string, owner: Owner): void {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const isSecure = publicUrl.startsWith('https:');
  const attributes: CookieOptions = { httpOnly: true, sameSite: 'strict', secure: isSecure, path: '/' };
  response.cookie(cookieName(publicUrl, 'browser'), `${nonce}.${proof(nonce, owner)}`, {
    ...attributes,
    expires: new Date(Date.now() + DAYS * DAY_MS),
  });
}

/** Returns whether the request comes from a browser in which this user has signed in with the current password. */
export function isKnownBrowser({ headers }: IncomingMessage, publicUrl: string, owner: Owner): boolean {
  const [nonce = '', given = ''] = (
    parse(headers.cookie ?? '')[cookieName(publicUrl, 'browser')] ?? ''
  ).split('.');
  const [expected, presented] = [Buffer.from(proof(nonce, owner)), Buffer.from(given)];
  return expected.length === presented.length && timingSafeEqual(expected, presented);
}

/** Returns whether the request has such a cookie at all, valid or not, of any user. */
export function hasBrowserCookie({ headers }: IncomingMessage, publicUrl: string): boolean {
  return parse(headers.cookie ?? '')[cookieName(publicUrl, 'browser')] !== undefined;
}

function proof(nonce: string, { id, passwordHash }: Owner): string {
  return createHmac('sha256', passwordHash).update(`tracevault browser\n${id}\n${nonce}`).digest('base64url');
}
