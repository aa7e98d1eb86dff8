import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { ERROR_CODES, ErrorCode } from './error-codes';

/** The code of each constraint of class-validator that is used here. For a rule of our own, the constraint's name is the code. */
const CODES: Readonly<Partial<Record<string, ErrorCode>>> = {
  isString: 'invalid_type',
  isInt: 'invalid_type',
  isBoolean: 'invalid_type',
  maxLength: 'too_long',
  min: 'too_small',
  max: 'too_large',
  isIn: 'not_allowed',
  whitelistValidation: 'unknown_field',
  arrayMaxSize: 'too_many',
  arrayUnique: 'duplicate',
};

/**
 * Returns the code of a constraint.
 * @throws Error for a constraint without a code.
 */
export function codeOfConstraint(name: string): ErrorCode {
  const code = CODES[name] ?? (name in ERROR_CODES ? (name as ErrorCode) : undefined);
  if (code === undefined)
    throw new Error(`The constraint ${name} has no code. See src/api/input-error-codes.ts.`);
  return code;
}

/**
 * Returns all codes that the validation of a handler's parameters can produce.
 * @param inputs the classes of the parameters; those without validation rules are ignored.
 */
export function inputErrorCodes(inputs: readonly unknown[]): ErrorCode[] {
  const names = inputs.flatMap(constraintsOf);
  return names.length === 0 ? [] : ['required', 'unknown_field', ...names.map(codeOfConstraint)];
}

function constraintsOf(input: unknown): string[] {
  if (typeof input !== 'function') return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(input, '', false, false);
  // IsOptional() and ValidateIf() are not constraints: they only say when the others apply.
  return rules.flatMap(({ type, name }) =>
    type === ValidationTypes.CUSTOM_VALIDATION && name ? [name] : [],
  );
}
