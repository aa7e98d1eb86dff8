import { hash, randomBytes } from 'node:crypto';
import { OwnCredential, prefixOf, shapeOf } from '../config/credential-shapes';

export const SESSION_TOKEN = shapeOf('tvs');
export const ORG_API_KEY = shapeOf('tvk');
/** Matches a text with the prefix of a credential for the API, well-formed or not. */
export const API_TOKEN = new RegExp(`^(?:${[prefixOf('tvs'), prefixOf('tvp'), prefixOf('tvk')].join('|')})`);
export const INVITE_CODE = shapeOf('tvi');

const TOKEN_BYTES = 32;

/**
 * Creates a token of 256 random bits, so that its plain SHA-256 in the database can't be reversed by guessing. Proxy
 * tokens have a format of their own (proxy-token.ts).
 */
export function mintToken(kind: Exclude<OwnCredential, 'tvp'>): string {
  return `${prefixOf(kind)}${randomBytes(TOKEN_BYTES).toString('hex')}`;
}

/** Returns the hash of a whole token, prefix included, by which the database stores and finds it. */
export function hashToken(token: string): string {
  return hash('sha256', token);
}

/** Returns the token of an `Authorization: Bearer` header (RFC 6750; the scheme is case-insensitive), or undefined. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^bearer +([^ ]+) *$/i.exec(authorization)?.[1];
}

/** Returns whether an `Authorization` header has the Bearer scheme but is malformed: the scheme twice, a tab, or no token. */
export function isMalformedBearer(authorization: string | undefined): boolean {
  return /^bearer\b/i.test(authorization ?? '') && bearerToken(authorization) === undefined;
}
