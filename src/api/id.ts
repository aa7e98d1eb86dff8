import { Param, PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ApiException } from './api.exception';
import { fieldRule } from './field-rule';

/** The part of a message, after the field's name, that refuses a text which is not an id. */
const NO_ID = 'must be an id: 32 hex digits in the form 8-4-4-4-12';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Returns a UUID in lower case, as the database returns it. PostgreSQL also finds rows by an upper-case UUID, but caches
 * and maps in memory don't, so all other code receives only this canonical form.
 * @returns undefined for anything but a UUID.
 */
export function canonicalId(value: unknown): string | undefined {
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined;
}

/** Binds an id from the path in its canonical form and refuses anything else with 400. Use it instead of a plain `@Param()`. */
export function IdParam(name: string): ParameterDecorator {
  const document = ApiParam({ name, type: String, format: 'uuid' });
  return (target, method, index) => {
    if (method === undefined) throw new Error('@IdParam() stands at the parameter of a handler');
    Param(name, new IdPipe(name))(target, method, index);
    document(target, method, Object.getOwnPropertyDescriptor(target, method) as PropertyDescriptor);
  };
}

/** Validates an id in a body or a query and converts it to its canonical form. */
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
