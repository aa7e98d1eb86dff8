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
 * Tells a browser in which a person has signed in from all others (OWASP's device cookie): while strangers guess at their
 * password, theirs is still asked for it. It opens nothing. The stored hash of the password keys it, so that it needs no
 * secret of its own and is void after a change of password.
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

/** Whether the request comes from a browser in which this person has signed in with their current password. */
export function isKnownBrowser({ headers }: IncomingMessage, publicUrl: string, owner: Owner): boolean {
  const [nonce = '', given = ''] = (
    parse(headers.cookie ?? '')[cookieName(publicUrl, 'browser')] ?? ''
  ).split('.');
  const [expected, presented] = [Buffer.from(proof(nonce, owner)), Buffer.from(given)];
  return expected.length === presented.length && timingSafeEqual(expected, presented);
}

/** Whether the request has such a cookie at all, whoever's it is. */
export function hasBrowserCookie({ headers }: IncomingMessage, publicUrl: string): boolean {
  return parse(headers.cookie ?? '')[cookieName(publicUrl, 'browser')] !== undefined;
}

function proof(nonce: string, { id, passwordHash }: Owner): string {
  return createHmac('sha256', passwordHash).update(`tracevault browser\n${id}\n${nonce}`).digest('base64url');
}
