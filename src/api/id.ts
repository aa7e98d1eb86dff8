import { Param, PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ApiException } from './api.exception';
import { fieldRule } from './field-rule';

/** What is said of a text that is no id, behind the name of where it stood. */
const NO_ID = 'must be an id: 32 hex digits in the form 8-4-4-4-12';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * An id as the database writes it: a UUID in small letters. PostgreSQL finds a row by an id in capitals as well, and
 * memory does not, so that everything behind the door is handed this one form.
 * @returns undefined for what is no UUID.
 */
export function canonicalId(value: unknown): string | undefined {
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined;
}

/** An id in the path, in its one form; anything else is refused with 400. In place of a plain `@Param()`. */
export function IdParam(name: string): ParameterDecorator {
  const document = ApiParam({ name, type: String, format: 'uuid' });
  return (target, method, index) => {
    if (method === undefined) throw new Error('@IdParam() stands at the parameter of a handler');
    Param(name, new IdPipe(name))(target, method, index);
    document(target, method, Object.getOwnPropertyDescriptor(target, method) as PropertyDescriptor);
  };
}

/** The same for a field of a body or of a query. */
export function IsId(): PropertyDecorator {
  const toCanonical = Transform(({ value }: { value: unknown }) => canonicalId(value) ?? value);
  const isId = fieldRule(['invalid_id'], (field, value) =>
    canonicalId(value) === value ? undefined : { code: 'invalid_id', message: `${field} ${NO_ID}` },
  );
  return (target, field) => {
    toCanonical(target, field);
    isId(target, field);
  };
}

class IdPipe implements PipeTransform {
  constructor(private readonly name: string) {}

  transform(value: unknown): string {
    const id = canonicalId(value);
    if (id === undefined)
      throw new ApiException('invalid_id', [`${this.name} ${NO_ID}`], { field: this.name });
    return id;
  }
}
