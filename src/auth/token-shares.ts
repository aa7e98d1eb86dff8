import { prefixOf } from '../config/credential-shapes';
import { randomBytes } from 'node:crypto';

const PREFIX = prefixOf('tvs');
const SHARE = /^[0-9a-f]{64}$/;

/** The two shares of a session token. Each alone is uniformly random and reveals nothing about the token. */
export interface TokenShares {
  readonly cookie: string;
  readonly page: string;
}

/**
 * Splits a session token into two shares. Shares of different splits can't be combined.
 * @param token a well-formed session token.
 */
export function splitToken(token: string): TokenShares {
  const cookie = randomBytes(32).toString('hex');
  return { cookie, page: exclusiveOr(token.slice(PREFIX.length), cookie) };
}

/**
 * Combines two shares into a session token, which is the original one only for shares of the same split.
 * @returns undefined for texts that are not shares.
 */
export function joinShares(cookie: string, page: string): string | undefined {
  if (!SHARE.test(cookie) || !SHARE.test(page)) return undefined;
  return PREFIX + exclusiveOr(cookie, page);
}

function exclusiveOr(one: string, other: string): string {
  const bytes = Buffer.from(one, 'hex');
  const mask = Buffer.from(other, 'hex');
  mask.forEach((byte, index) => bytes.writeUInt8(bytes.readUInt8(index) ^ byte, index));
  return bytes.toString('hex');
}
