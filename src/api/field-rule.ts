import { ValidateBy } from 'class-validator';
import { ErrorCode } from './error-codes';

/** An error in a value. */
export interface ValueError<Code extends ErrorCode = ErrorCode> {
  readonly code: Code;
  /** The message, which begins with the field's name. */
  readonly message: string;
}

/**
 * Creates a decorator for a rule of our own, which finds at most one error in a value. Each of its codes becomes a
 * constraint of that name, so that refusals and the API's document know the code.
 * @param codes all codes that the rule can return.
 * @param errorOf checks a value; returns undefined for a valid one.
 */
export function fieldRule<Code extends ErrorCode>(
  codes: readonly Code[],
  errorOf: (field: string, value: unknown) => ValueError<NoInfer<Code>> | undefined,
): PropertyDecorator {
  const checks = codes.map((code) =>
    ValidateBy({
      name: code,
      validator: {
        validate: (value) => errorOf('', value)?.code !== code,
        defaultMessage: (args) => errorOf(args?.property ?? '', args?.value)?.message ?? '',
      },
    }),
  );
  return (target, field) => {
    for (const check of checks) check(target, field);
  };
}
