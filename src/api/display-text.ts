import { isDisplayable } from '../logging/display-text';
import { fieldRule, ValueError } from './field-rule';

interface Length {
  /** 0: it may be empty. */
  readonly min: number;
  /** In characters, as people count them. */
  readonly max: number;
}

/** What is said of a text with hidden characters, behind the name of its field. */
export const HOLDS_HIDDEN =
  'must not hold characters that nobody sees (controls, marks of direction, zero-width ones)';

const CODES = ['invalid_type', 'too_short', 'too_long', 'invalid_characters', 'blank'] as const;

/** Whitespace, and letters and marks that leave a blank. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\u2800]+$/u;

/** A name, or another text that people see, typed by one and shown to others. Whitespace around it is cut by `@trimmed`. */
export function IsDisplayText(length: Length): PropertyDecorator {
  return fieldRule(CODES, (field, value) => displayTextError(field, value, length));
}

/** @returns undefined when nothing is wrong with it. */
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
