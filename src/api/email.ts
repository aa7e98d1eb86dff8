import { Transform } from 'class-transformer';
import { isEmail } from 'class-validator';
import { isDisplayable } from '../logging/display-text';
import { HOLDS_HIDDEN } from './display-text';
import { fieldRule, ValueError } from './field-rule';

export const MAX_EMAIL_LENGTH = 254;

/** Letters and marks that leave nothing to be seen; in a name they have their use, in an address they feign another one. */
const BLANK = /\p{Default_Ignorable_Code_Point}/u;

/**
 * An email as it is stored and compared: in Unicode's compatibility form (NFKC) and small letters, so that no two accounts
 * look like one because their letters are wide or bold ones.
 */
export function canonicalEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** The email of somebody who is new here, by an account or an invite; handed on in its one form. */
export function IsNewEmail(): PropertyDecorator {
  const toCanonical = Transform(({ value }: { value: unknown }) => newEmail(value));
  const isNew = fieldRule(['invalid_email', 'invalid_characters'], emailError);
  return (target, field) => {
    toCanonical(target, field);
    isNew(target, field);
  };
}

/** One that is too long is refused as it is: its compatibility form can be eighteen times as long. */
function newEmail(value: unknown): unknown {
  const typed = typeof value === 'string' ? value.trim() : undefined;
  return typed === undefined || typed.length > MAX_EMAIL_LENGTH ? value : canonicalEmail(typed);
}

/** The email that somebody signs in with, as typed: an account of a time of other rules is found by that alone. */
export function IsTypedEmail(): PropertyDecorator {
  return fieldRule(['invalid_email'], (field, value) =>
    typeof value === 'string' &&
    value.length <= MAX_EMAIL_LENGTH &&
    (isAddress(value) || isAddress(canonicalEmail(value)))
      ? undefined
      : noEmail(field),
  );
}

/** @returns what is wrong with a canonical email; undefined when nothing is. */
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

/** Also at a name without a dot, as of a network of one's own: this server sends no mail. */
function isAddress(value: string): boolean {
  return isEmail(value, { require_tld: false });
}
