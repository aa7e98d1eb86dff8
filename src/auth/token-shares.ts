import { prefixOf } from '../config/credential-shapes';
import { randomBytes } from 'node:crypto';

const PREFIX = prefixOf('tvs');
const SHARE = /^[0-9a-f]{64}$/;

/** The two texts that a session token is split into. Each alone is as random as any other text and tells nothing of it. */
export interface TokenShares {
  readonly cookie: string;
  readonly page: string;
}

/** @param token of a session, in its shape. A token is split once; shares of two splits are not to be mixed. */
export function splitToken(token: string): TokenShares {
  const cookie = randomBytes(32).toString('hex');
  return { cookie, page: exclusiveOr(token.slice(PREFIX.length), cookie) };
}

/** @returns a session token, which is the right one only for the two shares of one split; undefined for other texts. */
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
