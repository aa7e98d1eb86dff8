import { ValidateBy } from 'class-validator';
import { test as isCommon } from 'fxa-common-password-list';
import { MAX_UNITS_PER_CHARACTER, normalizedPassword } from './normalized-password';

export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 128;
/** In UTF-16 units, in whatever form it is typed: what is longer can't be anybody's. */
export const LONGEST_TYPED_PASSWORD = LONGEST_PASSWORD * MAX_UNITS_PER_CHARACTER;

/** Of the 50,000 most common ones with eight characters or more, whatever their case. */
export function isCommonPassword(password: string): boolean {
  return isCommon(password) || isCommon(password.toLowerCase());
}

/** 10 to 128 characters in its normalized form, and not a common one. No rule on kinds of characters: length is what counts (NIST SP 800-63B). */
export function IsAcceptablePassword(): PropertyDecorator {
  return ValidateBy({
    name: 'isAcceptablePassword',
    validator: {
      validate: (value) => passwordFault('', value) === undefined,
      defaultMessage: (args) => passwordFault(args?.property ?? '', args?.value) ?? '',
    },
  });
}

/** @returns what is wrong with it, beginning with the field's name; undefined when nothing is. */
export function passwordFault(field: string, value: unknown): string | undefined {
  // Before it is normalized: what is longer in UTF-16 units is not worth the work.
  const password =
    typeof value === 'string' && value.length <= LONGEST_TYPED_PASSWORD ? normalizedPassword(value) : '';
  const { length } = [...password];
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
    return `${field} must have ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`;
  }
  return isCommonPassword(password) ? `${field} is one of the most common ones; choose another` : undefined;
}
