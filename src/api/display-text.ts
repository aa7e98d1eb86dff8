import { isDisplayable } from '../logging/display-text';
import { fieldRule, ValueError } from './field-rule';

interface Length {
  /** The minimum number of characters; 0 allows an empty text. */
  readonly min: number;
  /** The maximum number of characters (Unicode code points). */
  readonly max: number;
}

/** The part of a message, after the field's name, that refuses a text with hidden characters. */
export const HOLDS_HIDDEN =
  'must not hold characters that nobody sees (controls, marks of direction, zero-width ones)';

const CODES = ['invalid_type', 'too_short', 'too_long', 'invalid_characters', 'blank'] as const;

/** Texts that consist of whitespace, and of letters and marks that leave a blank. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\u2800]+$/u;

/** Validates a name or another text that is shown to other users. Surrounding whitespace is removed by `@trimmed`. */
export function IsDisplayText(length: Length): PropertyDecorator {
  return fieldRule(CODES, (field, value) => displayTextError(field, value, length));
}

/**
 * Checks such a text.
 * @returns the first error, or undefined for a valid text.
 */
export function displayTextError(
  field: string,
  value: unknown,
  { min, max }: Length,
): ValueError<(typeof CODES)[number]> | undefined {
  const message = `${field} must have ${min === 0 ? 'at most' : `${min} to`} ${max} characters`;
  if (typeof value !== 'string') return { code: 'invalid_type', message };
  const { length } = [...value];
  if (length < min) return { code: 'too_short', message };
  if (length > max) return { code: 'too_long', message };
  if (!isDisplayable(value)) return { code: 'invalid_characters', message: `${field} ${HOLDS_HIDDEN}` };
  return BLANK.test(value)
    ? { code: 'blank', message: `${field} must hold a character that can be seen` }
    : undefined;
}
