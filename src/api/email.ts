import { Transform } from 'class-transformer';
import { isEmail } from 'class-validator';
import { isDisplayable } from '../logging/display-text';
import { HOLDS_HIDDEN } from './display-text';
import { fieldRule, ValueError } from './field-rule';

export const MAX_EMAIL_LENGTH = 254;

/** Letters and marks that leave a blank. They have their use in a name, but in an email they imitate another one. */
const BLANK = /\p{Default_Ignorable_Code_Point}/u;

/**
 * Returns an email as it is stored and compared: in Unicode's compatibility form (NFKC) and lower case, so that no two
 * accounts look alike only because of wide or bold letters.
 */
export function canonicalEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Validates the email of a new account or an invite, and converts it to its canonical form. */
export function IsNewEmail(): PropertyDecorator {
  const toCanonical = Transform(({ value }: { value: unknown }) => newEmail(value));
  const isNew = fieldRule(['invalid_email', 'invalid_characters'], emailError);
  return (target, field) => {
    toCanonical(target, field);
    isNew(target, field);
  };
}

/**
 * Converts an email to its canonical form. One that is too long is left as it is and refused, because its compatibility
 * form can be eighteen times as long.
 */
function newEmail(value: unknown): unknown {
  const typed = typeof value === 'string' ? value.trim() : undefined;
  return typed === undefined || typed.length > MAX_EMAIL_LENGTH ? value : canonicalEmail(typed);
}

/**
 * Validates the email of a sign-in and leaves it as typed: the email of an account from before today's rules may not be
 * canonical.
 */
export function IsTypedEmail(): PropertyDecorator {
  return fieldRule(['invalid_email'], (field, value) =>
    typeof value === 'string' &&
    value.length <= MAX_EMAIL_LENGTH &&
    (isAddress(value) || isAddress(canonicalEmail(value)))
      ? undefined
      : noEmail(field),
  );
}

/**
 * Checks a canonical email.
 * @returns the first error, or undefined for a valid email.
 */
export function emailError(
  field: string,
  value: unknown,
): ValueError<'invalid_email' | 'invalid_characters'> | undefined {
  if (typeof value !== 'string' || value.length > MAX_EMAIL_LENGTH) return noEmail(field);
  if (!isDisplayable(value) || BLANK.test(value))
    return { code: 'invalid_characters', message: `${field} ${HOLDS_HIDDEN}` };
  return isAddress(value) ? undefined : noEmail(field);
}

function noEmail(field: string): ValueError<'invalid_email'> {
  return { code: 'invalid_email', message: `${field} must be an email` };
}

/**
 * Returns whether a text is an email. A host name without a dot, as on a local network, is allowed, because this server
 * sends no mail.
 */
function isAddress(value: string): boolean {
  return isEmail(value, { require_tld: false });
}
