import { ArgumentMetadata, Injectable, ValidationError, ValidationPipe } from '@nestjs/common';
import { ApiException } from './api.exception';
import { ErrorItemDto } from './error.dto';
import { codeOfConstraint } from './input-error-codes';
import { InvalidFieldsException } from './invalid-fields.exception';
import { isPlain } from './json-body';

/** The maximum number of errors in a refusal. A client that sends more of them needs the documentation. */
const MAX_PROBLEMS = 8;
/** The maximum number of characters of a quoted field name, which comes from the client. */
const MAX_NAME = 40;

/** Nest's validation of bodies and queries, with refusals that stay short whatever the client sent. */
@Injectable()
export class ApiValidationPipe extends ValidationPipe {
  constructor() {
    super({ transform: true, whitelist: true, forbidNonWhitelisted: true });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'query' && !isPlain(value))
      throw new ApiException('invalid_query', ['The query is not of the kind described at /api/docs.']);
    return super.transform(value, metadata);
  }

  override createExceptionFactory(): (errors?: ValidationError[]) => ApiException {
    return (errors = []) => {
      const problems = errors.flatMap(itemsOf);
      return new InvalidFieldsException(problems.slice(0, MAX_PROBLEMS), problems.length - MAX_PROBLEMS);
    };
  }
}

/**
 * Converts an error of class-validator. The name of an unknown field is quoted, shortened and without control characters,
 * so that it is harmless in the message.
 */
function itemsOf({ property, value, constraints = {} }: ValidationError): ErrorItemDto[] {
  const start = [...property.slice(0, MAX_NAME * 2)].slice(0, MAX_NAME).join('');
  const cut = start.length < property.length ? `${start}…` : property;
  const field = cut.replace(/\p{C}/gu, '?');
  const isMissing = value === undefined || value === null;
  return decisiveOf(constraints).map(([rule, text]) => ({
    field,
    code: isMissing && rule !== 'whitelistValidation' ? 'required' : codeOfConstraint(rule),
    message: text.replace(property, () => field),
  }));
}

/** A value of another type, or none, breaks the rules on its length and size as well: only the type is worth telling. */
function decisiveOf(constraints: Record<string, string>): [rule: string, text: string][] {
  const broken = Object.entries(constraints);
  const ofType = broken.find(([rule]) => codeOfConstraint(rule) === 'invalid_type');
  return ofType === undefined ? broken : [ofType];
}
