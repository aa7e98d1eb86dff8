import { hash, randomBytes } from 'node:crypto';

/** `tvs_` session of a person; `tvk_` API key of an org; `tvi_` invite to one. */
export type TokenPrefix = 'tvs' | 'tvk' | 'tvi';

export const SESSION_TOKEN = /^tvs_[0-9a-f]{64}$/;
export const ORG_API_KEY = /^tvk_[0-9a-f]{64}$/;
/** What begins like a credential that somebody sends to the API, well-formed or not. */
export const API_TOKEN = /^tv[spk]_/;
export const INVITE_CODE = /^tvi_[0-9a-f]{64}$/;

const TOKEN_BYTES = 32;

/** 256 random bits, so that a plain SHA-256 at rest can't be guessed back. */
export function mintToken(prefix: TokenPrefix): string {
  return `${prefix}_${randomBytes(TOKEN_BYTES).toString('hex')}`;
}

/** Of the whole token, prefix included; what the database stores and is asked for. */
export function hashToken(token: string): string {
  return hash('sha256', token);
}

/** The token of an `Authorization: Bearer` header (RFC 6750; the scheme's case is free), or undefined. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^bearer +([^ ]+) *$/i.exec(authorization)?.[1];
}
