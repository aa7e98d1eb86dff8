import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { prefixOf, shapeOf } from '../config/credential-shapes';

const PREFIX = prefixOf('tvp');
const RANDOM_BYTES = 28;
const SHAPE = shapeOf('tvp');
const CHECKSUM_DIGITS = 8;
/**
 * The number of digits shown at either end of a masked token. Those at the end are half of the checksum, which reveals 16
 * bits about the rest.
 */
const SHOWN_DIGITS = 4;

/**
 * Creates a proxy token: `tvp_`, 224 random bits in hex, and the CRC-32 of all that in the last eight digits. The checksum
 * lets a secret scanner recognize a token without asking a server (docs/security.md); it makes a valid token no easier to
 * guess.
 */
export function mintProxyToken(): string {
  const text = PREFIX + randomBytes(RANDOM_BYTES).toString('hex');
  return text + checksum(text);
}

/** Returns the part of a token that may be shown: enough to find where it is used, while 192 of its random bits stay hidden. */
export function maskProxyToken(token: string): string {
  return `${token.slice(0, PREFIX.length + SHOWN_DIGITS)}…${token.slice(-SHOWN_DIGITS)}`;
}

/** Returns whether a text has the format of a proxy token, with a correct checksum. */
export function isProxyToken(text: string): boolean {
  return SHAPE.test(text) && text.endsWith(checksum(text.slice(0, -CHECKSUM_DIGITS)));
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_DIGITS, '0');
}
