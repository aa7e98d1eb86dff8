import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { prefixOf, shapeOf } from '../config/credential-shapes';

const PREFIX = prefixOf('tvp');
const RANDOM_BYTES = 28;
const SHAPE = shapeOf('tvp');
const CHECKSUM_DIGITS = 8;
/** At either end of a masked token. Half of the checksum is among them, which tells 16 bits of the rest. */
const SHOWN_DIGITS = 4;

/**
 * `tvp_`, 224 random bits in hex, and the CRC-32 of all that in its last eight digits: so that whoever finds one can tell
 * it from any other text without asking a server (docs/security.md). What is guessed is no likelier to be one for it.
 */
export function mintProxyToken(): string {
  const text = PREFIX + randomBytes(RANDOM_BYTES).toString('hex');
  return text + checksum(text);
}

/** What of a token may be shown: enough to find where it is used, and 192 of its random bits stay hidden. */
export function maskProxyToken(token: string): string {
  return `${token.slice(0, PREFIX.length + SHOWN_DIGITS)}…${token.slice(-SHOWN_DIGITS)}`;
}

/** Whether a text could be one, its checksum included. */
export function isProxyToken(text: string): boolean {
  return SHAPE.test(text) && text.endsWith(checksum(text.slice(0, -CHECKSUM_DIGITS)));
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_DIGITS, '0');
}
