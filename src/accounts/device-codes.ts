import { randomInt } from 'node:crypto';
import { mintToken } from '../auth/token';
import { shapeOf } from '../config/credential-shapes';

/** RFC 8628 6.1: no vowels, so no words; no digits and no letters that look like one another. 20^8 codes. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LETTERS = 8;

const DEVICE_CODE = shapeOf('tvd');

/** 256 random bits: what the client that waits redeems. */
export function mintDeviceCode(): string {
  return mintToken('tvd');
}

export function isDeviceCode(text: string): boolean {
  return DEVICE_CODE.test(text);
}

/** What a person reads off one screen and types into another, in the form `BCDF-GHJK`. */
export function mintUserCode(): string {
  const letters = Array.from({ length: USER_CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join(
    '',
  );
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** People leave the hyphen out, add spaces, and type in lower case. Undefined for what can't be a code. */
export function normalizeUserCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '');
  if (letters.length !== USER_CODE_LETTERS || [...letters].some((letter) => !LETTERS.includes(letter)))
    return undefined;
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
