import { test as isCommon } from 'fxa-common-password-list';
import { fieldRule, ValueError } from '../api/field-rule';
import { MAX_UNITS_PER_CHARACTER, normalizedPassword } from './normalized-password';

export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 128;
/** In UTF-16 units, in whatever form it is typed: what is longer can't be anybody's. */
export const MAX_TYPED_PASSWORD_LENGTH = MAX_PASSWORD_LENGTH * MAX_UNITS_PER_CHARACTER;

const CODES = ['invalid_type', 'too_short', 'too_long', 'common_password'] as const;

/** Of the 50,000 most common ones with eight characters or more, whatever their case. */
export function isCommonPassword(password: string): boolean {
  return isCommon(password) || isCommon(password.toLowerCase());
}

/** 10 to 128 characters in its normalized form, and not a common one. No rule on kinds of characters: length is what counts (NIST SP 800-63B). */
export function IsAcceptablePassword(): PropertyDecorator {
  return fieldRule(CODES, passwordError);
}

/** @returns undefined when nothing is wrong with it. */
export function passwordError(field: string, value: unknown): ValueError<(typeof CODES)[number]> | undefined {
  const message = `${field} must have ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`;
  if (typeof value !== 'string') return { code: 'invalid_type', message };
  // Before it is normalized: what is longer in UTF-16 units is not worth the work.
  if (value.length > MAX_TYPED_PASSWORD_LENGTH) return { code: 'too_long', message };
  const password = normalizedPassword(value);
  const { length } = [...password];
  if (length < MIN_PASSWORD_LENGTH) return { code: 'too_short', message };
  if (length > MAX_PASSWORD_LENGTH) return { code: 'too_long', message };
  return isCommonPassword(password)
    ? { code: 'common_password', message: `${field} is one of the most common ones; choose another` }
    : undefined;
}
