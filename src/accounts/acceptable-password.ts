import { test as isCommon } from 'fxa-common-password-list';
import { fieldRule, ValueError } from '../api/field-rule';
import { MAX_UNITS_PER_CHARACTER, normalizedPassword } from './normalized-password';

export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 128;
/**
 * The maximum length of a password in UTF-16 units, before normalization. A longer text can't be a stored password in any
 * form.
 */
export const MAX_TYPED_PASSWORD_LENGTH = MAX_PASSWORD_LENGTH * MAX_UNITS_PER_CHARACTER;

const CODES = ['invalid_type', 'too_short', 'too_long', 'common_password'] as const;

/** Returns whether a password is one of the 50,000 most common ones of at least eight characters. Case is ignored. */
export function isCommonPassword(password: string): boolean {
  return isCommon(password) || isCommon(password.toLowerCase());
}

/**
 * Validates a new password: 10 to 128 characters after normalization, and not a common one. There is no rule on kinds of
 * characters, because length is what counts (NIST SP 800-63B).
 */
export function IsAcceptablePassword(): PropertyDecorator {
  return fieldRule(CODES, passwordError);
}

/**
 * Checks a new password.
 * @returns the first error, or undefined for an acceptable password.
 */
export function passwordError(field: string, value: unknown): ValueError<(typeof CODES)[number]> | undefined {
  const message = `${field} must have ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`;
  if (typeof value !== 'string') return { code: 'invalid_type', message };
  // Checked before normalization, which is not worth its cost for a longer text.
  if (value.length > MAX_TYPED_PASSWORD_LENGTH) return { code: 'too_long', message };
  const password = normalizedPassword(value);
  const { length } = [...password];
  if (length < MIN_PASSWORD_LENGTH) return { code: 'too_short', message };
  if (length > MAX_PASSWORD_LENGTH) return { code: 'too_long', message };
  return isCommonPassword(password)
    ? { code: 'common_password', message: `${field} is one of the most common ones; choose another` }
    : undefined;
}
