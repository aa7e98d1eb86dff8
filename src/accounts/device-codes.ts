import { randomInt } from 'node:crypto';
import { mintToken } from '../auth/token';
import { shapeOf } from '../config/credential-shapes';

/**
 * The alphabet of user codes, as RFC 8628 6.1 recommends: no vowels, so that no words occur, and no digits or letters that
 * look alike. There are 20^8 codes.
 */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LETTERS = 8;

const DEVICE_CODE = shapeOf('tvd');

/** Creates the code that the waiting client redeems: 256 random bits. */
export function mintDeviceCode(): string {
  return mintToken('tvd');
}

export function isDeviceCode(text: string): boolean {
  return DEVICE_CODE.test(text);
}

/** Creates the code that the user reads on one screen and types on another, in the form `BCDF-GHJK`. */
export function mintUserCode(): string {
  const letters = Array.from({ length: USER_CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join(
    '',
  );
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/**
 * Returns a typed user code in its canonical form, or undefined for a text that can't be one. Users leave out the hyphen,
 * add spaces and type lower case.
 */
export function normalizeUserCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '');
  if (letters.length !== USER_CODE_LETTERS || [...letters].some((letter) => !LETTERS.includes(letter)))
    return undefined;
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
