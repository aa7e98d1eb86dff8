import { Transform } from 'class-transformer';
import { isEmail, ValidateBy } from 'class-validator';
import { isDisplayable } from '../logging/display-text';
import { HOLDS_HIDDEN } from './display-text';

export const LONGEST_EMAIL = 254;

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
  const isNew = rule((field, value) => emailFault(field, value));
  return (target, field) => {
    toCanonical(target, field);
    isNew(target, field);
  };
}

/** One that is too long is refused as it is: its compatibility form can be eighteen times as long. */
function newEmail(value: unknown): unknown {
  const typed = typeof value === 'string' ? value.trim() : undefined;
  return typed === undefined || typed.length > LONGEST_EMAIL ? value : canonicalEmail(typed);
}

/** The email that somebody signs in with, as typed: an account of a time of other rules is found by that alone. */
export function IsTypedEmail(): PropertyDecorator {
  return rule((field, value) =>
    typeof value === 'string' &&
    value.length <= LONGEST_EMAIL &&
    (isAddress(value) || isAddress(canonicalEmail(value)))
      ? undefined
      : `${field} must be an email`,
  );
}

/** @returns what is wrong with a canonical email, beginning with the field's name; undefined when nothing is. */
export function emailFault(field: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_EMAIL) return `${field} must be an email`;
  if (!isDisplayable(value) || BLANK.test(value)) return `${field} ${HOLDS_HIDDEN}`;
  return isAddress(value) ? undefined : `${field} must be an email`;
}

/** Also at a name without a dot, as of a network of one's own: this server sends no mail. */
function isAddress(value: string): boolean {
  return isEmail(value, { require_tld: false });
}

function rule(faultOf: (field: string, value: unknown) => string | undefined): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: (value) => faultOf('', value) === undefined,
      defaultMessage: (args) => faultOf(args?.property ?? '', args?.value) ?? '',
    },
  });
}
