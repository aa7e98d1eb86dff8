import { ArgumentMetadata, Injectable, ValidationError, ValidationPipe } from '@nestjs/common';
import { ApiException } from './api.exception';
import { ErrorItemDto } from './error.dto';
import { codeOfConstraint } from './input-error-codes';
import { InvalidFieldsException } from './invalid-fields.exception';
import { isPlain } from './json-body';

/** Problems that a refusal names: who sends worse than that reads the documentation. */
const MAX_PROBLEMS = 8;
/** Characters of a name that came from outside. */
const MAX_NAME = 40;

/** Nest's validation of bodies and queries, with refusals that are short whatever was sent. */
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

/** A field that nobody knows is quoted as it was sent; cut and without control characters it can do no harm. */
function itemsOf({ property, value, constraints = {} }: ValidationError): ErrorItemDto[] {
  const start = [...property.slice(0, MAX_NAME * 2)].slice(0, MAX_NAME).join('');
  const cut = start.length < property.length ? `${start}…` : property;
  const field = cut.replace(/\p{C}/gu, '?');
  const isMissing = value === undefined || value === null;
  return Object.entries(constraints).map(([rule, text]) => ({
    field,
    code: isMissing && rule !== 'whitelistValidation' ? 'required' : codeOfConstraint(rule),
    message: text.replace(property, () => field),
  }));
}
