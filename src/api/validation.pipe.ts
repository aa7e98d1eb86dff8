import {
  ArgumentMetadata,
  BadRequestException,
  Injectable,
  ValidationError,
  ValidationPipe,
} from '@nestjs/common';
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
      throw new BadRequestException(['The query is not of the kind described at /api/docs.']);
    return super.transform(value, metadata);
  }

  override createExceptionFactory(): (errors?: ValidationError[]) => BadRequestException {
    return (errors = []) => {
      const problems = this.flattenValidationErrors(errors.map(named));
      const rest = problems.length - MAX_PROBLEMS;
      return new BadRequestException([
        ...problems.slice(0, MAX_PROBLEMS),
        ...(rest > 0 ? [`and ${rest} more`] : []),
      ]);
    };
  }
}

/** A field that nobody knows is quoted as it was sent; cut and without control characters it can do no harm. */
function named(error: ValidationError): ValidationError {
  const { property, constraints = {} } = error;
  const start = [...property.slice(0, MAX_NAME * 2)].slice(0, MAX_NAME).join('');
  const cut = start.length < property.length ? `${start}…` : property;
  const name = cut.replace(/\p{C}/gu, '?');
  const messages = Object.entries(constraints).map(([rule, text]) => [
    rule,
    text.replace(property, () => name),
  ]);
  return { ...error, property: name, constraints: Object.fromEntries(messages) as Record<string, string> };
}
