import { ValidateBy } from 'class-validator';
import { isDisplayable } from '../logging/display-text';

interface Length {
  /** 0: it may be empty. */
  readonly min: number;
  /** In characters, as people count them. */
  readonly max: number;
}

/** What is said of a text with hidden characters, behind the name of its field. */
export const HOLDS_HIDDEN =
  'must not hold characters that nobody sees (controls, marks of direction, zero-width ones)';

/** White space, and letters and marks that leave a blank. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\u2800]+$/u;

/** A name, or another text that people see, typed by one and shown to others. White space around it is cut by `@trimmed`. */
export function IsDisplayText(length: Length): PropertyDecorator {
  return ValidateBy({
    name: 'isDisplayText',
    validator: {
      validate: (value) => displayTextFault('', value, length) === undefined,
      defaultMessage: (args) => displayTextFault(args?.property ?? '', args?.value, length) ?? '',
    },
  });
}

/** @returns what is wrong with it, beginning with the field's name; undefined when nothing is. */
export function displayTextFault(field: string, value: unknown, { min, max }: Length): string | undefined {
  const length = typeof value === 'string' ? [...value].length : -1;
  if (typeof value !== 'string' || length < min || length > max)
    return `${field} must have ${min === 0 ? 'at most' : `${min} to`} ${max} characters`;
  if (!isDisplayable(value)) return `${field} ${HOLDS_HIDDEN}`;
  return BLANK.test(value) ? `${field} must hold a character that can be seen` : undefined;
}
