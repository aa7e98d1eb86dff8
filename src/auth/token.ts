import { hash, randomBytes } from 'node:crypto';
import { OwnCredential, prefixOf, shapeOf } from '../config/credential-shapes';

export const SESSION_TOKEN = shapeOf('tvs');
export const ORG_API_KEY = shapeOf('tvk');
/** What begins like a credential that somebody sends to the API, well-formed or not. */
export const API_TOKEN = new RegExp(`^(?:${[prefixOf('tvs'), prefixOf('tvp'), prefixOf('tvk')].join('|')})`);
export const INVITE_CODE = shapeOf('tvi');

const TOKEN_BYTES = 32;

/** 256 random bits, so that a plain SHA-256 at rest can't be guessed back. A proxy token is another thing: proxy-token.ts. */
export function mintToken(kind: Exclude<OwnCredential, 'tvp'>): string {
  return `${prefixOf(kind)}${randomBytes(TOKEN_BYTES).toString('hex')}`;
}

/** Of the whole token, prefix included; what the database stores and is asked for. */
export function hashToken(token: string): string {
  return hash('sha256', token);
}

/** The token of an `Authorization: Bearer` header (RFC 6750; the scheme's case is free), or undefined. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^bearer +([^ ]+) *$/i.exec(authorization)?.[1];
}

/** Whether an `Authorization` header means to be a Bearer and is none: the scheme twice, a tab, nothing behind it. */
export function isMalformedBearer(authorization: string | undefined): boolean {
  return /^bearer\b/i.test(authorization ?? '') && bearerToken(authorization) === undefined;
}
