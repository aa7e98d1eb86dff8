import { ValidateBy } from 'class-validator';
import { test as isCommon } from 'fxa-common-password-list';

export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 128;

/** Of the 50,000 most common ones with eight characters or more, whatever their case. */
export function isCommonPassword(password: string): boolean {
  return isCommon(password) || isCommon(password.toLowerCase());
}

/** 10 to 128 characters and not a common one. No rule on kinds of characters: length is what counts (NIST SP 800-63B). */
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
  const length = typeof value === 'string' ? [...value].length : 0;
  if (typeof value !== 'string' || length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
    return `${field} must have ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`;
  }
  return isCommonPassword(value) ? `${field} is one of the most common ones; choose another` : undefined;
}
